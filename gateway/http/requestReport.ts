import { getOrMake } from '../../lib/groups'
import type { Log } from '../../lib/log'
import type { Counter, Histogram, Metrics } from '../../lib/metrics'

/** How one request to /graphql ended. */
export interface Outcome {
  readonly requestId: string
  /** Undefined if the request was refused before its operation was known. */
  readonly operation: string | undefined
  readonly status: number
  readonly durationMs: number
  readonly predictionRows: number
  /** Whether the client went away before it had its response. */
  readonly aborted: boolean
  /** Set on synthetic requests, which no user waits for; absent on others. */
  readonly synthetic?: true
}

/** The most operation names with metrics of their own. Clients choose the names, and each takes memory for good. */
export const maxNames = 400

/** Counts each request, and logs it at level info. `client` is whoever sent it. */
export function createRequestReport(log: Log, metrics: Metrics): (outcome: Outcome, client?: string) => void {
  const byOperation = new Map<string, { duration: Histogram; requests: Map<number, Counter> }>()

  function seriesOf(operation: string) {
    const help = 'From the arrival of a request to /graphql to the end of its answer.'
    const duration = metrics.histogram('presage_http_request_duration_seconds', help, { operation })
    return { duration, requests: new Map<number, Counter>() }
  }

  /** How many names each client was the first to send. */
  const named = new Map<string, number>()
  let names = 0

  /** A client may name as many as it leaves to others, so that none takes all. */
  function mayName(client: string): boolean {
    const own = (named.get(client) ?? 0) + 1
    if (own > maxNames - names - 1) return false
    named.set(client, own)
    names++
    return true
  }

  function count(name: string, client: string, status: number, durationMs: number): void {
    const known = byOperation.get(name)
    const operation = known !== undefined || name === unknownName || mayName(client) ? name : otherName
    const { duration, requests } = known ?? getOrMake(byOperation, operation, () => seriesOf(operation))
    let counter = requests.get(status)
    if (counter === undefined) {
      const labels = { operation, status: String(status) }
      counter = metrics.counter('presage_http_requests_total', 'Requests to /graphql.', labels)
      requests.set(status, counter)
    }
    counter.inc()
    duration.observe(durationMs / 1000)
  }

  const isLogged = log.isOn('info')
  return (outcome, client = '') => {
    const { operation, durationMs } = outcome
    const status = outcome.aborted ? 499 : outcome.status
    count(operation ?? unknownName, client, status, durationMs)
    if (isLogged) {
      log.write('info', 'request', { ...outcome, status, durationMs: Math.round(durationMs * 100) / 100 })
    }
  }
}

/** GraphQL names hold no parentheses, so these cannot clash. */
export const otherName = '(other)'
export const unknownName = '(none)'
