import { shortPath } from '../../lib/packagePaths'
import { findRuntime } from '../../workers/runtime/onnxRuntime'
import { installRuntime as install } from '../runtime/installRuntime'

/** Installs ONNX Runtime where it is missing, as the commands that run models do by themselves, and says where it is. */
export function installRuntime(): void {
  if (findRuntime() === undefined) install()
  console.log(`ONNX Runtime is in ${shortPath(findRuntime() ?? '')}`)
}
