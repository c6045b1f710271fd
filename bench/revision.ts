import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'

/**
 * A folder with the built package of a git revision, made once for a machine, outside this package; `.` stands for the
 * working tree, which the caller has built. Dependencies are this package's own where the lock file is the same. Throws
 * where git knows no such revision, or it cannot be built.
 */
export function builtRevision(revision: string): string {
  if (revision === '.') return packageRoot
  const commit = commitOf(revision)
  const folder = join(tmpdir(), `presage-bench-revision-${commit.slice(0, 12)}`)
  // Written last: a folder without it is what an interrupted build left.
  const finished = join(folder, 'built')
  if (existsSync(finished)) return folder
  process.stderr.write(`building ${revision} in ${folder}\n`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const archive = join(folder, 'archive.tar')
  run('git', ['archive', '--output', archive, commit], packageRoot)
  run('tar', ['-xf', archive], folder)
  rmSync(archive)
  if (lockFile(folder) === lockFile(packageRoot)) {
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  } else {
    run('npm', ['ci', '--no-audit', '--no-fund'], folder)
  }
  run('npm', ['run', '--silent', 'build'], folder)
  writeFileSync(finished, '')
  return folder
}

function commitOf(revision: string): string {
  try {
    return run('git', ['rev-parse', '--verify', `${revision}^{commit}`], packageRoot)
  } catch {
    throw new Error(`bench:compare: must be a revision that git knows, or ., got ${revision}`)
  }
}

function lockFile(folder: string): string {
  return readFileSync(join(folder, 'package-lock.json'), 'utf8')
}

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch (error) {
    const { message, stderr, stdout } = error as Error & { stderr?: string; stdout?: string }
    throw new Error(`${command} ${args.join(' ')}: ${stderr?.trim() || stdout?.trim() || message}`)
  }
}
