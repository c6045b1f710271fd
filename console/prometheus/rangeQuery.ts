import { PresageError, show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'

/** The steps of a query, in milliseconds since 1970. */
export interface Steps {
  readonly first: number
  readonly last: number
  readonly stepMs: number
}

/** A series that a Prometheus answers with. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>
  /** By step; NaN where there is none. */
  readonly values: Float64Array
}

/**
 * Asks a Prometheus for the values of an expression. Rejects with `UPSTREAM_FAILED` if it does not answer, or not as a
 * Prometheus does. Messages do not show its address, which clients need not know.
 */
export async function rangeQuery(url: string, query: string, steps: Steps): Promise<readonly RangeSeries[]> {
  const { first, last, stepMs } = steps
  const body = new URLSearchParams({
    query,
    start: String(first / 1000),
    end: String(last / 1000),
    step: String(stepMs / 1000),
  })
  let response: Response
  let answer: unknown
  try {
    const path = new URL('api/v1/query_range', url.endsWith('/') ? url : `${url}/`)
    const signal = AbortSignal.timeout(timeoutMs)
    response = await fetch(path, { method: 'POST', body, signal, redirect: 'error' })
    answer = await response.json().catch((error: unknown) => {
      if (error instanceof SyntaxError) return undefined
      throw error
    })
  } catch (error) {
    return refuse((error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name)
  }
  if (!isMap(answer)) return refuse(`status ${response.status}`)
  const { status, data, error } = answer
  if (status !== 'success') return refuse(show(error))
  const result = isMap(data) ? data.result : undefined
  if (!Array.isArray(result)) return refuse(show(data))
  return result.map((series) => readSeries(series, steps))
}

const timeoutMs = 10_000

function readSeries(series: unknown, { first, last, stepMs }: Steps): RangeSeries {
  if (!isMap(series) || !isMap(series.metric) || !Array.isArray(series.values)) return refuse(show(series))
  const values = new Float64Array(Math.round((last - first) / stepMs) + 1).fill(Number.NaN)
  for (const point of series.values) {
    const [seconds, value] = Array.isArray(point) ? point : []
    const step = Math.round((Number(seconds) * 1000 - first) / stepMs)
    if (!(step >= 0 && step < values.length)) return refuse(show(point))
    values[step] = Number(value)
  }
  return { labels: series.metric as Record<string, string>, values }
}

function refuse(got: string): never {
  throw new PresageError('UPSTREAM_FAILED', `console.prometheus: must answer queries, got ${got}`)
}
