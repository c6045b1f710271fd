import { spawn, spawnSync } from 'node:child_process'
import { compiledPath, packageRoot } from '../../lib/packagePaths'

/** A command that has ended. */
export interface EndedCommand {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `presage ARGS`; this process goes on meanwhile, and may answer it. */
export function runPresage(args: readonly string[], cwd = packageRoot): Promise<EndedCommand> {
  return runNode([compiledPath('cli/presage'), ...args], cwd)
}

/** Runs a script with its arguments to its end. `environment` is laid over this process's own. */
export function runNode(
  args: readonly string[],
  cwd: string,
  environment: Record<string, string> = {},
): Promise<EndedCommand> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...environment } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

/** Runs `presage ARGS` to its end, for 100 s at most. `environment` is laid over this process's own. */
export function runPresageSync(
  args: readonly string[],
  { cwd = packageRoot, environment = {} }: { cwd?: string; environment?: Record<string, string> } = {},
): EndedCommand {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiledPath('cli/presage'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 100_000,
  })
  return { code: status, out: stdout, err: stderr }
}
