import { LoadError } from '../../lib/errors'
import { findRuntime, missingRuntime } from '../../workers/runtime/onnxRuntime'

/**
 * For commands that run models: has npm install ONNX Runtime where it is missing, unless the environment says
 * `PRESAGE_INSTALL_RUNTIME=never`. Call it before a module is loaded that needs the runtime. Throws a LoadError if there is
 * none afterwards.
 */
export function ensureRuntime(): void {
  if (findRuntime() !== undefined) return
  if (process.env['PRESAGE_INSTALL_RUNTIME'] === 'never') throw new LoadError([missingRuntime])
  const { installRuntime }: typeof import('./installRuntime') = require('./installRuntime')
  installRuntime()
}
