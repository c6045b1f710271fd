import { LoadError } from '../../lib/errors'
import { hasHungThreads } from '../../workers/thread/hungThreads'
import { printProblems } from '../terminal/printProblems'
import { repeatMs } from '../watchdog/repeat'
import { startWatchdog } from '../watchdog/watchdog'

/**
 * On the first SIGTERM or SIGINT, closes in an orderly way and then exits: with 0, or with 1 if closing failed. A
 * second signal, or a timeout of about `graceMs`, ends the process whatever it is doing. Threads that hang end by the
 * signal, since to exit waits for them. Returns what tells whether a signal has come.
 */
export function stopOnSignal(graceMs: number, close: () => Promise<void>): () => boolean {
  const watchdog = startWatchdog(graceMs)
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) return
    isStopping = true
    watchdog.told(signal)
    const ignore = () => process.off('SIGTERM', stop).off('SIGINT', stop)
    // After that, signals go to the watchdog or to the system's default action.
    setTimeout(ignore, repeatMs).unref()
    const exit = (code: number) => {
      if (!hasHungThreads()) process.exit(code)
      ignore()
      watchdog.end(signal, 'all requests are answered, but runs of models do not end')
    }
    close().then(
      () => exit(0),
      (error: unknown) => {
        // What a start fails with that was still under way.
        if (error instanceof LoadError) printProblems(error, false)
        else console.error(error)
        exit(1)
      },
    )
  }
  let isStopping = false
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return () => isStopping
}
