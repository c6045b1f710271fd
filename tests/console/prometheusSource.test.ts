import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readQuestion } from '../../console/metrics/question'
import { PrometheusSource } from '../../console/prometheus/prometheusSource'

/** A Prometheus with a series for each of many rules, which it sorts out by `topk` as a real one does. */
it('many rules of one objective are counted apart', async () => {
  const rules = 300
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { query, start } = Object.fromEntries(new URLSearchParams(body))
    const most = Number(/topk\((\d+)/.exec(query)?.[1] ?? 0)
    const values = [[Number(start), '1']]
    const result = Array.from({ length: Math.min(rules, most) }, (_, at) => ({
      metric: { model: 'm@1', rule: `rule-${at}` },
      values,
    }))
    const all = { metric: {}, values: [[Number(start), String(rules)]] }
    const isOne = most === 0
    response.end(JSON.stringify({ status: 'success', data: { result: isOne ? [all] : result } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const source = new PrometheusSource({ url: `http://127.0.0.1:${port}`, scrapeMs: 15_000, labels: {} })
    const search = 'names=presage_routing_decisions_total&by=model,rule&objective=O'
    const { series } = await source.answer(readQuestion(new URLSearchParams(search)))
    expect(series.length).toBe(rules)
    expect(series.some(({ other }) => other)).toBe(false)
  } finally {
    server.close()
  }
})
