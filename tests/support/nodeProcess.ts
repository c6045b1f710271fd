import { spawn } from 'node:child_process'

/** A Node process that a test started. */
export interface NodeProcess {
  readonly pid: number
  /** The first group of the pattern that it was waited for with. */
  readonly ready: string
  stderr(): string
  /** Settles when it has written so many lines that match, since it began. */
  written(pattern: RegExp, count: number): Promise<void>
  /** Sends a signal and answers the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/** Starts a script and waits until its standard error matches. */
export async function startNode(
  args: readonly string[],
  pattern: RegExp,
  cwd?: string,
): Promise<NodeProcess> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  let onWritten = () => {}
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (chunk: string) => {
    stderr += chunk
    onWritten()
  })
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
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
    written: (line, count) => until(() => stderr.split('\n').filter((one) => line.test(one)).length >= count),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return exited
    },
  }
}
