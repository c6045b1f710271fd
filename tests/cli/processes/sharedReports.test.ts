import type { Worker } from 'node:cluster'
import { EventEmitter } from 'node:events'
import { SharedReports } from '../../../cli/processes/sharedReports'
import { createRequestReport } from '../../../gateway/http/requestReport'
import { createTextLog } from '../../../lib/log'
import { createPrometheusMetrics } from '../../../telemetry/prometheus'

test('processes that replace each other have together as many operations of their own as one', async () => {
  const reports = new SharedReports()
  /** The sums after a process that was asked for 300 operations that no other one was asked for. */
  const replaced = async (round: number) => {
    const metrics = createPrometheusMetrics()
    const report = createRequestReport(
      createTextLog('error', '', () => {}),
      metrics,
    )
    const count = (operation: string | undefined, client: string) =>
      report(
        { requestId: '', operation, status: 200, durationMs: 1, predictionRows: 0, aborted: false },
        client,
      )
    for (let i = 0; i < 300; i++) count(`Q${round}x${i}`, `client ${i}`)
    count('Home', 'home')
    count(undefined, 'nobody')
    const worker = new EventEmitter() as Worker
    reports.join(worker)
    reports.add(worker, await metrics.report())
    worker.emit('disconnect')
    const text = await reports.show()
    return new Map(
      Array.from(
        text.matchAll(/^(presage_http_request\S+_(?:total|count)\{.*\}) (\S+)$/gm),
        ([, series, value]) => [series, Number(value)],
      ),
    )
  }
  const first = await replaced(1)
  expect(first.size).toBe(2 * 302)
  let before = first
  for (let round = 2; round <= 4; round++) {
    const now = await replaced(round)
    // With `(other)` among 400, and with `(none)`.
    expect(now.size).toBe(2 * 401)
    expect([...before].filter(([series, value]) => !(now.get(series)! >= value))).toEqual([])
    expect(now.get('presage_http_requests_total{operation="Home",status="200"}')).toBe(round)
    before = now
  }
  expect([...before.values()].reduce((sum, value) => sum + value)).toBe(2 * 4 * 302)
})
