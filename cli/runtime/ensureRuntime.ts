import { LoadError } from '../../lib/errors'
import { findRuntime, missingRuntime } from '../../workers/runtime/onnxRuntime'

/**
 * For commands that run models: has npm install ONNX Runtime if it is missing, unless `PRESAGE_INSTALL_RUNTIME=never`
 * is set. Call it before loading a module that needs the runtime. Throws a LoadError if the runtime is still missing
 * afterwards.
 */
export function ensureRuntime(): void {
  if (findRuntime() !== undefined) return
  if (process.env['PRESAGE_INSTALL_RUNTIME'] === 'never') throw new LoadError([missingRuntime])
  const { installRuntime }: typeof import('./installRuntime') = require('./installRuntime')
  installRuntime()
}

/** Runs a command with its settings, once ONNX Runtime is there. Its modules must be loaded only then. */
export type WithRuntime = <S, T>(settings: S, run: (settings: S) => T) => T
