import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { asStarted, written } from '../startProcess'

export interface StagedOptions {
  readonly command: readonly string[]
  /** What it writes once it serves. */
  readonly serves: RegExp
  /** Where it writes that; default standard error. */
  readonly stream?: 'stdout' | 'stderr'
  readonly env?: Readonly<Record<string, string>>
  /** Takes the lines that it writes there. */
  readonly said?: (line: string) => void
}

/** A process that is started and ended again and again. */
export class StagedProcess {
  private child: ChildProcess | undefined

  constructor(private readonly options: StagedOptions) {}

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { command, serves, stream = 'stderr', env, said } = this.options
    const child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...asStarted, ...env },
    })
    this.child = child
    child.once('error', () => {})
    // Unread output would stop it in the end.
    child[stream === 'stdout' ? 'stderr' : 'stdout'].resume()
    if (said !== undefined) createInterface(child[stream]).on('line', said)
    await written(child, stream, serves)
  }

  /** Resolves when it has ended, unless the signal only stops it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended
  }
}
