import { createRequestReport, type Outcome } from '../../../gateway/http/requestReport'
import { createTextLog, type LogLevel } from '../../../lib/log'
import { createPrometheusMetrics } from '../../../telemetry/prometheus'

function start(level: LogLevel) {
  const lines: string[] = []
  const metrics = createPrometheusMetrics()
  const report = createRequestReport(
    createTextLog(level, 'gateway', (line) => lines.push(line)),
    metrics,
  )
  const series = async (name: string) =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`))
  return { report, lines, series }
}

const outcome: Outcome = {
  requestId: 'r1',
  operation: 'Home',
  status: 200,
  durationMs: 3.456789,
  predictionRows: 50,
  aborted: false,
}

test('one line a request at level info, and none above', () => {
  const info = start('info')
  info.report(outcome)
  expect(info.lines).toEqual([
    'gateway: request: requestId=r1 operation=Home status=200 durationMs=3.46 predictionRows=50 aborted=false\n',
  ])
  const warn = start('warn')
  warn.report(outcome)
  expect(warn.lines).toEqual([])
})

test('requests are counted by operation and status, and their time by operation', async () => {
  const { report, series } = start('warn')
  report(outcome)
  report({ ...outcome, durationMs: 100 })
  report({ ...outcome, status: 400 })
  report({ ...outcome, operation: undefined, status: 413 })
  report({ ...outcome, aborted: true })
  expect(await series('presage_http_requests_total')).toEqual([
    'presage_http_requests_total{operation="Home",status="200"} 2',
    'presage_http_requests_total{operation="Home",status="400"} 1',
    'presage_http_requests_total{operation="(none)",status="413"} 1',
    'presage_http_requests_total{operation="Home",status="499"} 1',
  ])
  expect(await series('presage_http_request_duration_seconds_count')).toEqual([
    'presage_http_request_duration_seconds_count{operation="Home"} 4',
    'presage_http_request_duration_seconds_count{operation="(none)"} 1',
  ])
  const [sum] = await series('presage_http_request_duration_seconds_sum')
  expect(Number(sum.split(' ')[1])).toBeCloseTo(0.110370367, 8)
})

test('clients choose names of operations, so only so many have series of their own', async () => {
  const { report, series } = start('warn')
  for (let i = 0; i < 1000; i++) report({ ...outcome, operation: `Q${i}` }, `client ${i}`)
  report({ ...outcome, operation: 'Q7' }, 'another')
  const counted = await series('presage_http_requests_total')
  expect(counted).toHaveLength(400)
  expect(counted).toContain('presage_http_requests_total{operation="Q7",status="200"} 2')
  expect(counted).toContain('presage_http_requests_total{operation="(other)",status="200"} 601')
})

test('a client that sends ever new names leaves as many to others', async () => {
  const { report, series } = start('warn')
  const send = (client: string) => {
    for (let i = 0; i < 1000; i++) report({ ...outcome, operation: `${client}${i}` }, client)
  }
  send('A')
  send('B')
  report({ ...outcome, operation: 'Home' }, 'C')
  const counted = await series('presage_http_requests_total')
  const namesOf = (start: string) =>
    counted.filter((line) => line.startsWith(`presage_http_requests_total{operation="${start}`)).length
  expect([namesOf('A'), namesOf('B')]).toEqual([200, 100])
  expect(counted).toContain('presage_http_requests_total{operation="Home",status="200"} 1')
  expect(counted).toContain('presage_http_requests_total{operation="(other)",status="200"} 1700')
})
