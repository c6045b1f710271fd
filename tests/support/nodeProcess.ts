import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { settle } from './fakeClock'

/** A Node process that a test started. */
export interface NodeProcess {
  readonly pid: number
  /** The first group of the pattern that it was waited for with. */
  readonly ready: string
  stderr(): string
  /** Settles when it has written so many lines that match, since it began. */
  written(pattern: RegExp, count: number): Promise<void>
  /** The exit code, or the signal that ended it, once it has ended. */
  readonly exited: Promise<number | NodeJS.Signals | null>
  /** Sends a signal and answers the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/** What a process has that others have not. */
export interface Surroundings {
  /** Variables beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>
  /** Limits as `prlimit` takes them, such as `--nofile=64`. */
  readonly limits?: readonly string[]
  /** A file that its standard error is appended to; else it comes to the test by a pipe. */
  readonly logFile?: string
}

/** Starts a script and waits until its standard error matches. */
export async function startNode(
  args: readonly string[],
  pattern: RegExp,
  cwd?: string,
  { environment = {}, limits, logFile }: Surroundings = {},
): Promise<NodeProcess> {
  const [command, ...rest] = [...(limits ? ['prlimit', ...limits] : []), process.execPath, ...args]
  const log = logFile === undefined ? ('pipe' as const) : openSync(logFile, 'a')
  const env = { ...process.env, ...environment }
  const child = spawn(command, rest, { cwd, env, stdio: ['ignore', 'ignore', log] })
  const closed = new Promise((resolve) => child.once('close', resolve))
  let stderr = ''
  let onWritten = () => {}
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    onWritten()
  })
  if (logFile !== undefined) {
    closeSync(log as number)
    const look = () => {
      stderr = readFileSync(logFile, 'utf8')
      onWritten()
    }
    const timer = setInterval(look, 20).unref()
    child.once('exit', () => {
      clearInterval(timer)
      look()
    })
  }
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', async (code, signal) => {
      // What it wrote last may still be in the pipe, which processes that it started may keep open.
      await Promise.race([closed, wait(1_000, undefined, { ref: false })])
      // After a pause of the machine, the timer fires before the pipe is read.
      await settle()
      resolve(code ?? signal)
    })
  })
  const until = (isReached: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      onWritten = () => {
        if (isReached()) resolve()
      }
      onWritten()
      exited.then((code) => reject(new Error(`exited with ${code}: ${stderr}`)))
    })
  await until(() => pattern.test(stderr))
  if (child.pid === undefined) throw new Error('not started')
  return {
    pid: child.pid,
    ready: pattern.exec(stderr)?.[1] ?? '',
    stderr: () => stderr,
    exited,
    written: (line, count) => until(() => stderr.split('\n').filter((one) => line.test(one)).length >= count),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return exited
    },
  }
}
