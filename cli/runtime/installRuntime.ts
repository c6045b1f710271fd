import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { findRuntime, ownRuntimeFolder, runtimePackage } from '../../workers/runtime/onnxRuntime'

const { name, version } = runtimePackage
const packageAtVersion = `${name}@${version}`

/** Has npm install ONNX Runtime, without the package's install script. Throws a LoadError if that fails. */
export function installRuntime(): void {
  console.error(
    `${packageAtVersion} is not installed: npm installs it once, in ${shortPath(ownRuntimeFolder)}`,
  )
  const fresh = createFolder()
  try {
    fetchInto(fresh)
    removeOtherPlatforms(fresh)
    publish(fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/**
 * Next to its final place, because a folder can only be renamed on the same disk. With the mode that the umask allows,
 * since the one who installs is often not the one who serves; a temporary folder of Node's would be its owner's alone.
 */
function createFolder(): string {
  try {
    const folder = `${ownRuntimeFolder}.${randomUUID()}`
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new LoadError([`${shortPath(dirname(ownRuntimeFolder))}: must be a writable folder, got ${code}`])
  }
}

function fetchInto(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  // With a different prefix, npm ignores the project's own settings, which may hold the registry and its credentials.
  const settings = join(process.env['npm_config_local_prefix'] ?? '.', '.npmrc')
  if (existsSync(settings)) copyFileSync(settings, join(folder, '.npmrc'))
  const { status, error, stderr } = spawnSync(
    'npm',
    [...npmArguments, '--prefix', folder, packageAtVersion],
    {
      encoding: 'utf8',
      env: outsideWorkspaces(),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  rmSync(join(folder, '.npmrc'), { force: true })
  if (error !== undefined)
    throw new LoadError([`npm: must be a command to install ${packageAtVersion} with, got ${error.message}`])
  if (status !== 0)
    throw new LoadError([`${packageAtVersion}: must be installable by npm, got ${reasonIn(stderr)}`])
}

const npmArguments = [
  'install',
  '--ignore-scripts',
  '--no-save',
  '--no-package-lock',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--install-strategy=hoisted',
  '--loglevel=error',
]

/** `npm run --workspace` passes on the workspace, but the new folder has none. */
function outsideWorkspaces(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([key]) => !/^npm_config_(workspace|global$|location$)/i.test(key),
  )
  return Object.fromEntries(entries)
}

/** npm's explanation, without its codes and the path of its log. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  const sentences = lines.filter((line) => line !== '' && !/^(code|errno|syscall|A complete log)/.test(line))
  return sentences[0] ?? 'no reason'
}

/** The package holds the binaries of all platforms; remove those that this machine never loads. */
function removeOtherPlatforms(folder: string): void {
  const binaries = join(folder, 'node_modules', name, 'bin/napi-v6')
  for (const platform of readdirSync(binaries)) {
    for (const arch of readdirSync(join(binaries, platform))) {
      if (platform === process.platform && arch === process.arch) continue
      rmSync(join(binaries, platform, arch), { recursive: true })
    }
  }
}

/** A rename is atomic, since others may be looking. If another process was first, its folder is just as good. */
function publish(folder: string): void {
  try {
    renameSync(folder, ownRuntimeFolder)
  } catch {
    if (findRuntime() !== undefined) return
    throw new LoadError([
      `${shortPath(ownRuntimeFolder)}: must hold ${packageAtVersion}, got something else; remove it`,
    ])
  }
}
