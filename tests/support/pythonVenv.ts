import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** PyTorch brings gigabytes of GPU libraries, so it is tried only where PRESAGE_TEST_TORCH asks for it. */
export const wantsTorch = (process.env['PRESAGE_TEST_TORCH'] ?? '') !== ''

/** A Python 3.10 or later of this machine: what PYTHON names, else the first of its usual names in PATH. */
export function findPython(): string | undefined {
  const names = [
    process.env['PYTHON'] ?? '',
    'python3',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
  ]
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'
  return names.find((name) => name !== '' && spawnSync(name, ['-c', check]).status === 0)
}

/**
 * A Python of its own with what the tests need: made now, or by an earlier run, since it is kept in the user's cache under the digest of
 * its requirements. Throws with what pip says if they cannot be installed.
 */
export function openVenv(python: string): string {
  const files = ['requirements-test.txt', ...(wantsTorch ? ['requirements-torch.txt'] : [])]
  const paths = files.map((file) => join(packageRoot, 'python', file))
  const digest = createHash('sha256').update(
    run(python, ['-c', 'import sys; print(sys.version, sys.executable)']),
  )
  for (const path of paths) digest.update(readFileSync(path))
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'presage-tests', digest.digest('hex').slice(0, 16))
  const own = join(folder, 'bin/python')
  const mark = join(folder, 'complete')
  if (existsSync(mark)) return own
  // An earlier run may have been ended on its way.
  rmSync(folder, { recursive: true, force: true })
  run(python, ['-m', 'venv', folder])
  const requirements = paths.flatMap((path) => ['-r', path])
  run(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements])
  writeFileSync(mark, '')
  return own
}

/** Runs it to its end, with the package `presage_export` of this repository. Throws with what it says if it fails. */
export function run(python: string, args: readonly string[], cwd = packageRoot): string {
  const { status, stdout, stderr, error } = spawnSync(python, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: join(packageRoot, 'python/src'), PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 26,
  })
  if (status !== 0)
    throw new Error(`${python} ${args.join(' ')}: ${error?.message ?? `${stdout}\n${stderr}`}`)
  return stdout
}
