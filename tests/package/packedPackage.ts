import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** The package as it would be published, in a file that npm can install. */
export interface PackedPackage {
  readonly tarball: string
  dispose(): void
}

/** What a checkout has and a fresh one has not, and what takes long to copy. */
const leftOut = ['.git', '.presage', '.transpiled', 'bench', 'dist', 'node_modules', 'tests']

/** Packs the checkout as a fresh one, without `dist/`: what the package is to have, packing must build. */
export function packFresh(): PackedPackage {
  const folder = emptyFolder()
  const checkout = join(folder, 'checkout')
  cpSync(packageRoot, checkout, {
    recursive: true,
    filter: (path) => !leftOut.some((name) => path === join(packageRoot, name)),
  })
  symlinkSync(join(packageRoot, 'node_modules'), join(checkout, 'node_modules'))
  return pack(folder, checkout)
}

/** Packs the checkout with `dist/` as it is, which takes less time. */
export function packBuilt(): PackedPackage {
  return pack(emptyFolder(), packageRoot, ['--ignore-scripts'])
}

function pack(folder: string, checkout: string, options: readonly string[] = []): PackedPackage {
  const out = npm(['pack', '--json', '--pack-destination', folder, ...options], checkout)
  const [{ filename }] = JSON.parse(out.slice(out.indexOf('[')))
  return {
    tarball: join(folder, filename),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * A new folder. Not in the folder for temporary files: npm and Node also look above, and there anybody may have left a `node_modules`.
 */
export function emptyFolder(name = 'presage-package'): string {
  return realpathSync(mkdtempSync(`/var/tmp/${name}-`))
}

/** Runs npm to its end, and gives its standard output; throws if it fails. Its registry is the one that it is configured with. */
export function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    // Nowhere: where only the registry can be reached, install scripts that download fail.
    env: {
      ...process.env,
      GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
      // What it knows of packages it need not ask again.
      npm_config_prefer_offline: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
