import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { withDescendants } from './processTree'
import { pinned, production, type Started } from './startProcess'

export interface PythonServer {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly port: number
  /** Where it is asked, and where it answers 200 as soon as it can be. */
  readonly path: string
  readonly ready: string
  /** Removed when it is stopped. */
  readonly folder?: string
}

/** Starts this Python as a server, of that name in messages, and waits, two minutes at most, until it can be asked. */
export async function startPython(
  python: string,
  name: string,
  { args, env, port, path, ready, folder }: PythonServer,
): Promise<Started> {
  const command = pinned([python, ...args])
  let said = ''
  const child = spawn(command[0], command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...production,
      PYTHONDONTWRITEBYTECODE: '1',
      PATH: `${dirname(python)}:${process.env.PATH}`,
      ...env,
    },
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4000)
    })
  }
  let isOver = false
  // Some put their workers into sessions of their own: they would outlive a signal to the first process or to its group.
  const stop = () => {
    process.off('exit', stop)
    if (!isOver) killTree(child.pid!)
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  child.once('exit', () => {
    isOver = true
  })
  process.on('exit', stop)
  const origin = `http://127.0.0.1:${port}`
  const end = performance.now() + 120_000
  while (!(await isReady(origin + ready))) {
    if (isOver || performance.now() > end) {
      stop()
      throw new Error(`${name}: must be ready at ${origin}${ready}, got:\n${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { url: origin + path, pids: [child.pid!], stop }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url)
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

function killTree(root: number): void {
  for (const pid of withDescendants([root])) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
