import { repeatMs } from '../watchdog/repeat'
import { startWatchdog } from '../watchdog/watchdog'

/**
 * On the first SIGTERM or SIGINT, closes in an orderly way and then exits: with 0, or with 1 if closing failed. A
 * second signal, or a timeout of about `graceMs`, ends the process whatever it is doing.
 */
export function stopOnSignal(graceMs: number, close: () => Promise<void>): void {
  const tellWatchdog = startWatchdog(graceMs)
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) return
    isStopping = true
    tellWatchdog(signal)
    // After that, signals go to the watchdog or to the system's default action.
    setTimeout(() => process.off('SIGTERM', stop).off('SIGINT', stop), repeatMs).unref()
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  let isStopping = false
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
