import { shortPath } from '../../lib/packagePaths'
import { findRuntime } from '../../workers/runtime/onnxRuntime'
import { installRuntime as install } from '../runtime/installRuntime'
import { type JsonOption, printResult } from '../terminal/printResult'

/** Installs ONNX Runtime if it is missing, as commands that run models do by themselves, and prints where it is. */
export function installRuntime(options: JsonOption): void {
  if (findRuntime() === undefined) install()
  const folder = findRuntime() ?? ''
  printResult({ text: `ONNX Runtime is in ${shortPath(folder)}`, value: { folder } }, options)
}
