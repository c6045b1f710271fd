import { Worker as Thread } from 'node:worker_threads'
import { compiledPath } from '../../lib/packagePaths'

export interface Watchdog {
  /** Tells the watchdog that this thread has received the signal and is closing. */
  told(signal: NodeJS.Signals): void
  /** Ends the process by the signal, which this thread must no longer handle. `why` is told. */
  end(signal: NodeJS.Signals, why: string): void
}

export interface WatchdogData {
  /** How long the process may continue after the first signal, in milliseconds. */
  readonly endAfterMs: number
}

/** A message about the signal, with its time, since the thread may start later than that; or an order to end. */
export type Told = { readonly signal: NodeJS.Signals } & (
  | {
      /** Milliseconds of the wall clock, which all threads share. */
      readonly at: number
    }
  | { readonly why: string }
)

/** How long closing may take after the grace period, when connections have been cut. */
const closingMs = 600

/**
 * Starts the thread that ends this process if it does not end by itself. The thread receives signals even while this
 * thread is busy, and nothing that hangs elsewhere delays it.
 */
export function startWatchdog(graceMs: number): Watchdog {
  const workerData: WatchdogData = { endAfterMs: graceMs + closingMs }
  const thread = new Thread(compiledPath('cli/watchdog/entry'), {
    name: 'watchdog',
    workerData,
    // Gives this thread alone access to Node's internal signal binding; there is no public one for threads.
    execArgv: ['--expose-internals', '--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  })
  thread.on('error', (error) => console.error(`no watchdog: ${(error as Error).message}`))
  thread.unref()
  const tell = (told: Told) => thread.postMessage(told)
  return {
    told: (signal) => tell({ signal, at: Date.now() }),
    end: (signal, why) => tell({ signal, why }),
  }
}
