import { shortPath } from '../../lib/packagePaths'
import { findRuntime } from '../../workers/runtime/onnxRuntime'
import { installRuntime as install } from '../runtime/installRuntime'

/** Installs ONNX Runtime if it is missing, as commands that run models do by themselves, and prints where it is. */
export function installRuntime(): void {
  if (findRuntime() === undefined) install()
  console.log(`ONNX Runtime is in ${shortPath(findRuntime() ?? '')}`)
}
