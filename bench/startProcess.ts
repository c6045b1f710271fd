import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { compiledPath } from '../lib/packagePaths'

/** A server under load, in processes of its own. */
export interface Started {
  readonly url: string
  /** Those whose CPU and memory count as the server's; their children count too. */
  readonly pids: readonly number[]
  stop(): void
}

export const production = { ...process.env, NODE_ENV: 'production' }

/** As `npm start` has it; see docs/workers.md, Memory. */
export const asStarted = {
  ...production,
  NODE_OPTIONS: '--max-semi-space-size=32',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '4194304',
}

/** Starts a compiled script that sends `{ port }` or `{ url }` once it listens. */
export async function startNode(module: string, args: readonly string[]): Promise<Started> {
  const command = pinned([process.execPath, compiledPath(module), ...args])
  const child = spawn(command[0], command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...production, NODE_NO_WARNINGS: '1' },
  })
  const message = await new Promise<{ port?: number; url?: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${module} exited with ${code}`)))
    child.once('message', (sent) => resolve(sent as { port?: number; url?: string }))
  })
  const url = message.url ?? `http://127.0.0.1:${message.port}/`
  return { url, pids: [child.pid!], stop: () => child.disconnect() }
}

/** The first group of the pattern in what the child writes. */
export function written(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        text += chunk
        const match = name === stream ? pattern.exec(text) : null
        if (match) resolve(match[1])
      })
    }
    child.once('exit', (code) => reject(new Error(`${child.spawnfile} exited with ${code}: ${text}`)))
  })
}

/**
 * The command so that it has two cores, the same as all others: threads and processes that a server starts by the number
 * of cores are then as many everywhere. Where the bench itself has no more there is nothing to do.
 */
export function pinned(command: readonly string[]): readonly string[] {
  const cores = allowedCores()
  return cores.length > 2 ? ['taskset', '--cpu-list', cores.slice(0, 2).join(','), ...command] : command
}

function allowedCores(): readonly number[] {
  if (!existsSync('/proc/self/status')) return []
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}
