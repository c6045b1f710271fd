import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { packageRoot, packageVersion } from '../../lib/packagePaths'

/** The npm spec of the running Presage for a project in `target`: its version, or the path it was installed from. */
export function presageSpec(target: string): string {
  const modules = dirname(packageRoot)
  // This is a checkout, or a package linked to one.
  if (basename(modules) !== 'node_modules') return fileSpec(target, packageRoot)
  const version = packageVersion()
  const lock = join(modules, '.package-lock.json')
  if (!existsSync(lock)) return version
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'))
  const resolved: string | undefined = packages[`node_modules/${basename(packageRoot)}`]?.resolved
  if (resolved?.startsWith('file:') !== true) return version
  const file = resolve(dirname(modules), resolved.slice('file:'.length))
  return existsSync(file) ? fileSpec(target, file) : version
}

function fileSpec(target: string, path: string): string {
  return `file:${relative(target, path)}`
}
