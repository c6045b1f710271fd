import { systemClock } from '../../lib/clock'
import { createErrorLog } from '../../lib/log'
import type { Metrics } from '../../lib/metrics'
import type { Config } from '../config/config'
import { createLog } from '../config/logConfig'

/**
 * From now on, a rejected promise that nobody awaits is logged and counted, and the process serves on. By Node's default
 * it ends the process. Resolvers of many teams run here, and a call that one of them starts and forgets has no part in
 * the answers of the others.
 *
 * An exception that nobody catches still ends the process: it left some function half done, and nobody knows which state
 * is broken.
 */
export function outliveStrayRejections(metrics: Metrics, log: Config['log']): void {
  const rejections = metrics.counter(
    'presage_unhandled_rejections_total',
    'Promises that were rejected while nobody awaited them.',
  )
  const logError = createErrorLog(createLog(log), systemClock, {
    message: 'a promise was rejected that nobody awaits',
  })
  process.on('unhandledRejection', (reason) => {
    rejections.inc()
    logError(reason)
  })
}
