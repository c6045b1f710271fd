import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { packageRoot, shortPath } from '../../lib/packagePaths'

export type { InferenceSession, Tensor } from 'onnxruntime-node'

/** The package that holds ONNX Runtime, at the version that this package pins. */
export const runtimePackage = {
  name: 'onnxruntime-node',
  version: packageJson(packageRoot).optionalDependencies['onnxruntime-node'],
} as const

/** What `presage install-runtime` fills: next to this package, to be found from any working directory. */
export const ownRuntimeFolder = join(
  modulesFolder(),
  '.cache/presage',
  `${runtimePackage.name}-${runtimePackage.version}`,
)

/** The message if the runtime is needed but not installed. */
export const missingRuntime = `${runtimePackage.name} ${runtimePackage.version}: must be installed, got nothing; run npx presage install-runtime`

/**
 * The folder of the package: the one that the package manager installed, else the one of `presage install-runtime`. The
 * package's install script downloads GPU files that we do not use. If that fails, package managers skip an optional
 * package. Throws a LoadError if it is there but this user may not read it.
 */
export function findRuntime(): string | undefined {
  const { name } = runtimePackage
  return (
    ifPinned(() => dirname(require.resolve(`${name}/package.json`))) ??
    ifPinned(() => join(ownRuntimeFolder, 'node_modules', name))
  )
}

/** Loads the runtime into this thread. Throws a LoadError if there is none, or if it does not run on this machine. */
export function loadRuntime(): typeof import('onnxruntime-node') {
  const folder = findRuntime()
  if (folder === undefined) throw new LoadError([missingRuntime])
  // Otherwise the runtime sends telemetry about the machine and the graphs. Threads inherit the variable if the main
  // thread sets it before they start.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1'
  try {
    return require(folder)
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new LoadError([
      `${runtimePackage.name} ${runtimePackage.version}: must run on ${process.platform} ${process.arch}, got ${reason}`,
    ])
  }
}

/** The folder that is found, if it has the package at the version that this package pins. */
function ifPinned(find: () => string): string | undefined {
  try {
    const folder = find()
    return packageJson(folder).version === runtimePackage.version ? folder : undefined
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' || path === undefined) return undefined
    throw new LoadError([
      `${runtimePackage.name} ${runtimePackage.version}: must be readable for this user, got ${code} for ${shortPath(path)}`,
    ])
  }
}

function packageJson(folder: string): {
  readonly version: string
  readonly optionalDependencies: { readonly 'onnxruntime-node': string }
} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** The `node_modules` folder that contains this package; for a checkout, its own. */
function modulesFolder(): string {
  const parent = dirname(packageRoot)
  return basename(parent) === 'node_modules' ? parent : join(packageRoot, 'node_modules')
}
