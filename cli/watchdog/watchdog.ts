import { Worker as Thread } from 'node:worker_threads'
import { compiledPath } from '../../lib/packagePaths'

export interface Watchdog {
  /** This thread has heard the signal, and closes. */
  told(signal: NodeJS.Signals): void
}

export interface WatchdogData {
  /** How long after the first signal the process may go on, in milliseconds. */
  readonly endAfterMs: number
}

/** The thread may come up only after the signal. */
export interface Told {
  readonly signal: NodeJS.Signals
  /** Milliseconds of the wall clock, which threads share. */
  readonly at: number
}

/** What closing may take when the grace is over and connections have been cut. */
const closingMs = 600

/**
 * Starts the thread that ends this process when it does not end by itself: it hears signals also while this thread is busy, and
 * what hangs elsewhere does not keep it.
 */
export function startWatchdog(graceMs: number): Watchdog {
  const workerData: WatchdogData = { endAfterMs: graceMs + closingMs }
  const thread = new Thread(compiledPath('cli/watchdog/entry'), {
    name: 'watchdog',
    workerData,
    // Lets this thread alone have Node's own binding for signals: no public one is there for threads.
    execArgv: ['--expose-internals', '--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  })
  thread.on('error', (error) => console.error(`no watchdog: ${(error as Error).message}`))
  thread.unref()
  return { told: (signal) => thread.postMessage({ signal, at: Date.now() } satisfies Told) }
}
