import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keptMetrics } from '../../console/metrics/keptMetrics'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

/** The table of metrics in the documentation, the Grafana dashboard and the console, beside what the example serves at /metrics. */

const rules = `
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    default: rating-predictor@4
    canary: { of: rating-predictor@4, to: rating-predictor@3, percent: 50, salt: a }
    shadow: [{ model: rating-predictor@2, percent: 100, salt: b }]
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
`

let example: Example
/** The labels of each metric that the example has, by its name. */
let served: ReadonlyMap<string, ReadonlySet<string>>

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-metrics-')), 'rules.yaml')
  writeFileSync(file, rules)
  example = await startExample(({ shadows }) => ({ rules: file, shadows: { ...shadows, deadline: 10_000 } }))
  const query = '{ titles(first: 20) { predictedRating(memberId: "12") } }'
  await until(async () => {
    // A shadow that is busy lets rows go.
    await example.query(query, {}, { 'x-member': '12' })
    return (await example.counter('presage_shadow_compared_total')) > 0
  })
  served = readMetrics(await (await fetch(example.url.replace('/graphql', '/metrics'))).text())
})
afterAll(() => example.close())

it('the table in the documentation has every metric of the example, with its labels', () => {
  const documented = documentedMetrics()
  for (const [name, labels] of served) {
    if (!name.startsWith('presage_')) continue
    expect({ name, labels: documented.get(name) }).toEqual({ name, labels })
  }
  expect([...served.keys()]).toEqual(
    expect.arrayContaining(['presage_shadow_agreed_total', 'presage_routing_decisions_total']),
  )
})

it('the dashboard asks for metrics and labels that there are', () => {
  const known = new Map([...served, ...documentedMetrics()])
  const asked = expressions()
  expect(asked.length).toBeGreaterThan(30)
  for (const expression of asked) {
    const names = [...expression.matchAll(/\b((?:presage|process)_\w+?)(?:_bucket)?\{/g)].map(
      ([, name]) => name,
    )
    expect(names).not.toHaveLength(0)
    const labels = new Set(['instance', ...(expression.includes('_bucket{') ? ['le'] : [])])
    for (const name of names) {
      expect({ expression, known: [...known.keys()] }).toMatchObject({
        known: expect.arrayContaining([name]),
      })
      for (const label of known.get(name)!) labels.add(label)
    }
    const used = [...expression.matchAll(/(?:by|on) \(([^)]*)\)|(\w+)=~/g)].flatMap(([, list, one]) =>
      list === undefined ? [one] : list.split(', '),
    )
    for (const label of used)
      expect({ expression, labels: [...labels] }).toMatchObject({ labels: expect.arrayContaining([label]) })
  }
})

it('the console keeps metrics that there are, with all their labels', () => {
  const known = new Map([...documentedMetrics(), ...served])
  for (const { name, labels } of keptMetrics.values())
    expect({ name, labels: new Set(labels) }).toEqual({ name, labels: known.get(name) })
})

it('every label that a legend of the dashboard shows is one that its expression keeps', () => {
  for (const { expr, legendFormat } of targets()) {
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      const kept = expr.includes(' by (')
        ? [...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list]) => list.split(', '))
        : ['instance']
      expect({ expr, kept }).toMatchObject({ kept: expect.arrayContaining([label]) })
    }
  }
})

interface Target {
  readonly expr: string
  readonly legendFormat: string
}

function targets(): readonly Target[] {
  const text = readFileSync(join(packageRoot, 'docs/grafana/presage.json'), 'utf8')
  const { panels } = JSON.parse(text) as { panels: { targets?: Target[] }[] }
  return panels.flatMap((panel) => panel.targets ?? [])
}

function expressions(): readonly string[] {
  return targets().map(({ expr }) => expr)
}

/** The rows of the table: the metrics of one row have the same labels. */
function documentedMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const metrics = new Map<string, ReadonlySet<string>>()
  const text = readFileSync(join(packageRoot, 'docs/metrics.md'), 'utf8')
  for (const [, names, labels] of text.matchAll(/^\| (`presage_[^|]*) \|([^|]*)\|/gm)) {
    const set = new Set(labels.split(',').flatMap((label) => label.trim() || []))
    for (const [, name] of names.matchAll(/`(\w+)`/g)) metrics.set(name, set)
  }
  return metrics
}

/** Histograms by their own name, without `le`. */
function readMetrics(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]))
  const metrics = new Map<string, Set<string>>()
  for (const [, line, labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const base = line.replace(/_(bucket|sum|count)$/, '')
    const name = types.get(base) === 'histogram' ? base : line
    const set = metrics.get(name) ?? new Set()
    for (const [, label] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') set.add(label)
    metrics.set(name, set)
  }
  return metrics
}
