import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** A Python of its own with the packages of python/requirements-test.txt. */
export interface PythonVenv {
  readonly python: string
  /** Why PyTorch is not there; undefined where it is. */
  readonly withoutTorch: string | undefined
}

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'presage-tests')

/** What Python compiles when it is imported, since pip would compile all, and nothing may lie beside our sources. */
const bytecode = join(cache, 'bytecode')

/** It brings gigabytes of GPU libraries. */
const torchLimitMs = 240_000

/**
 * A Python 3.10 or later of this machine, and before 3.`before`: what PYTHON names, else the first of its usual names in
 * PATH.
 */
export function findPython(before = 99): string | undefined {
  const names = [
    process.env['PYTHON'] ?? '',
    'python3',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
  ]
  const check = `import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, ${before}))`
  return names.find((name) => name !== '' && spawnSync(name, ['-c', check]).status === 0)
}

/**
 * Makes the virtual environment, or takes that of an earlier run: it is kept in the user's cache under the digest of its requirements.
 * Throws with what pip says if they cannot be installed; of PyTorch it only says so.
 */
export function openVenv(python: string): PythonVenv {
  const own = venvWith(python, requirements('requirements-test.txt'), [
    requirements('requirements-torch.txt'),
  ])
  return { python: own, withoutTorch: withoutTorch(own) }
}

/**
 * The Python of a virtual environment with the packages of a file, made or kept as that of `openVenv`. `others` are files
 * whose change makes a new one.
 */
export function venvWith(python: string, file: string, others: readonly string[] = []): string {
  const digest = createHash('sha256').update(
    run(python, ['-c', 'import sys; print(sys.version, sys.executable)']),
  )
  for (const one of [file, ...others]) digest.update(readFileSync(one))
  const folder = join(cache, digest.digest('hex').slice(0, 16))
  const own = join(folder, 'bin/python')
  const mark = join(folder, 'complete')
  if (!existsSync(mark)) {
    // An earlier run may have been ended on its way.
    rmSync(folder, { recursive: true, force: true })
    run(python, ['-m', 'venv', folder])
    run(own, pipInstall(file))
    writeFileSync(mark, '')
  }
  return own
}

/** Runs it to its end, with the package `presage_export` of this repository. Throws with what it says if it fails. */
export function run(python: string, args: readonly string[], timeout?: number): string {
  const { status, stdout, stderr, error } = spawnSync(python, args, {
    cwd: packageRoot,
    encoding: 'utf8',
    env: {
      ...process.env,
      PYTHONPATH: join(packageRoot, 'python/src'),
      PYTHONPYCACHEPREFIX: bytecode,
      // Threads that wait for each other spin, and the models of tests are small.
      OMP_NUM_THREADS: '1',
    },
    maxBuffer: 2 ** 26,
    timeout,
  })
  if (status !== 0)
    throw new Error(`${python} ${args.join(' ')}: ${error?.message ?? `${stdout}\n${stderr}`}`)
  return stdout
}

function withoutTorch(python: string): string | undefined {
  if (spawnSync(python, ['-c', 'import torch']).status === 0) return undefined
  if ((process.env['PRESAGE_TEST_TORCH'] ?? '') === '') return 'PRESAGE_TEST_TORCH=1 has it installed'
  try {
    run(python, pipInstall(requirements('requirements-torch.txt')), torchLimitMs)
    return undefined
  } catch (error) {
    return `it cannot be installed: ${(error as Error).message.slice(-200)}`
  }
}

function pipInstall(file: string): readonly string[] {
  return ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '-r', file]
}

function requirements(file: string): string {
  return join(packageRoot, 'python', file)
}
