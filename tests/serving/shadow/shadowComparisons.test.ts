import { noMetrics } from '../../../lib/metrics'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { parseObjective } from '../../../models/objectives/parseObjective'
import type { ComparisonSettings } from '../../../serving/shadow/pair'
import { ShadowComparisons } from '../../../serving/shadow/shadowComparisons'
import type { ShadowedRows } from '../../../serving/shadow/shadows'
import { CountedMetrics } from '../../support/countedMetrics'

const objective = (outputs: string, name = 'PROBE') =>
  parseObjective(
    `objective: ${name}\ndescription: a test\ninputs: { text: { type: String } }\noutputs: ${outputs}`,
    'a.yaml',
  )
const settings: ComparisonSettings = { maxPairs: 100, tolerance: 0.01, k: 3, examples: 0 }

function compare(
  outputs: string,
  answered: readonly unknown[],
  shadow: readonly unknown[],
  more: Partial<ComparisonSettings> = {},
) {
  const comparisons = new ShadowComparisons({ ...settings, ...more }, noMetrics)
  comparisons.record(rowsOf(outputs, answered, shadow))
  return comparisons.list()[0].outputs
}

function rowsOf(
  outputs: string,
  answered: readonly unknown[],
  shadow: readonly unknown[],
  more: Partial<ShadowedRows['rows']> = {},
): ShadowedRows {
  const contract = objective(outputs)
  const [{ name }] = contract.outputs
  const rows: Partial<ShadowedRows['rows']> = {
    rows: answered.length,
    wanted: [name],
    inputs: [answered.map((_, row) => `text ${row}`)],
    decision: { objective: contract.name, model: 'm@1', shard: 'main', reason: 'default' },
    request: createClientRequest({ id: 'r1', deadline: 1 }),
    prediction: { outputs: { [name]: answered }, errors: [] },
    ms: 2,
    ...more,
  }
  return {
    objective: contract,
    model: 'm@2',
    rows: rows as ShadowedRows['rows'],
    prediction: { outputs: { [name]: shadow }, errors: [] },
    outcomes: answered.map(() => 'answered'),
    ms: 4,
  }
}

it('numbers agree within the tolerance, of 1 or of the greater one', () => {
  expect(compare('{ y: { type: Float } }', [0, 0.5, 1000, 1000], [0.01, 0.52, 1009, 1020])).toEqual([
    {
      ...{ output: 'y', count: 4, agreement: 0.5, maxDifference: 20, examples: [] },
      meanDifference: expect.closeTo((0.01 + 0.02 + 9 + 20) / 4),
    },
  ])
})

it('labels and flags agree if they are the same, and have no difference', () => {
  expect(
    compare('{ label: { type: enum, labels: [HAM, SPAM] } }', ['HAM', 'SPAM', 'HAM'], ['HAM', 'HAM', 'SPAM']),
  ).toEqual([{ output: 'label', count: 3, agreement: 1 / 3, examples: [] }])
})

it('of lists the first k count: the same order agrees, and overlap is what both have', () => {
  const [ids] = compare(
    '{ ids: { type: "[ID!]" } }',
    [['a', 'b', 'c', 'd'], ['a', 'b', 'c'], ['a', 'b'], []],
    [['a', 'b', 'c', 'x'], ['c', 'b', 'y'], ['a', 'b', 'c'], []],
  )
  expect(ids).toEqual({
    ...{ output: 'ids', count: 4, agreement: 0.5, examples: [] },
    meanOverlap: expect.closeTo((1 + 2 / 3 + 2 / 3 + 1) / 4),
  })
})

it('a null agrees with a null alone', () => {
  expect(compare('{ y: { type: Float } }', [null, null, 1], [null, 1, null])).toEqual([
    { output: 'y', count: 3, agreement: 1 / 3, examples: [] },
  ])
})

it('only rows that both answered are compared; the others are counted by why', () => {
  const comparisons = new ShadowComparisons(settings, noMetrics)
  comparisons.record({
    ...rowsOf('{ y: { type: Float } }', [1, 2, 3, 4], [1, null, null, null]),
    outcomes: ['answered', 'missing-feature', 'DEADLINE_EXCEEDED', 'missing-feature'],
  })
  const [pair] = comparisons.list()
  expect(pair).toMatchObject({
    ...{ objective: 'PROBE', answered: 'm@1', shadow: 'm@2', rows: 4, compared: 1 },
    failures: { 'missing-feature': 2, DEADLINE_EXCEEDED: 1 },
    outputs: [{ count: 1, agreement: 1 }],
  })
})

it('rows that a fallback answered are compared with the fallback', () => {
  const comparisons = new ShadowComparisons(settings, noMetrics)
  const fallback = { by: [undefined, 'm@0'], codes: [undefined, 'OVERLOADED'] } as const
  comparisons.record(rowsOf('{ y: { type: Float } }', [1, 2], [1, 5], { fallback }))
  expect(
    comparisons.list().map(({ answered, rows, outputs }) => [answered, rows, outputs[0].agreement]),
  ).toEqual([
    ['m@0', 1, 0],
    ['m@1', 1, 1],
  ])
})

it('latency is of groups of rows, however many', () => {
  const comparisons = new ShadowComparisons(settings, noMetrics)
  const one = rowsOf('{ y: { type: Float } }', [1, 2], [1, 2])
  comparisons.record(one)
  comparisons.record({ ...one, ms: 8, rows: { ...one.rows, ms: 4 } })
  expect(comparisons.list()[0]).toMatchObject({
    answeredLatency: { count: 2, meanMs: 3, maxMs: 4 },
    shadowLatency: { count: 2, meanMs: 6, maxMs: 8 },
  })
})

it('a contract that was replaced begins anew', () => {
  const comparisons = new ShadowComparisons(settings, noMetrics)
  for (let turn = 0; turn < 2; turn++) comparisons.record(rowsOf('{ y: { type: Float } }', [1], [1]))
  expect(comparisons.list().map(({ rows }) => rows)).toEqual([1])
})

it('examples are off unless asked for; then the worst few are kept, their inputs shortened', () => {
  const answered = [1, 2, 3, 4]
  const shadow = [1, 9, 4, 6]
  const long = { inputs: [['a', 'b'.repeat(200), 'c', 'd']] }
  const contract = rowsOf('{ y: { type: Float } }', answered, shadow)
  const compared = { ...contract, rows: { ...contract.rows, ...long } }
  const examples = (count: number) => {
    const comparisons = new ShadowComparisons({ ...settings, examples: count }, noMetrics)
    comparisons.record(compared)
    return comparisons.list()[0].outputs[0].examples
  }
  expect(examples(0)).toEqual([])
  expect(examples(2)).toEqual([
    { request: 'r1', inputs: { text: `"${'b'.repeat(76)}...` }, answered: '2', shadow: '9' },
    { request: 'r1', inputs: { text: '"d"' }, answered: '4', shadow: '6' },
  ])
})

it('a row that comes again and again is one example, by its worst answer', () => {
  const contract = rowsOf('{ y: { type: Float } }', [1, 1, 1, 1, 5], [3, 4, 3, 3, 6])
  const inputs = [['hot', 'hot', 'hot', 'hot', 'rare']]
  const comparisons = new ShadowComparisons({ ...settings, examples: 2 }, noMetrics)
  comparisons.record({ ...contract, rows: { ...contract.rows, inputs } })
  expect(comparisons.list()[0].outputs[0].examples).toEqual([
    { request: 'r1', inputs: { text: '"hot"' }, answered: '1', shadow: '4' },
    { request: 'r1', inputs: { text: '"rare"' }, answered: '5', shadow: '6' },
  ])
})

it('pairs are bounded: the one that was longest without a row goes', () => {
  const comparisons = new ShadowComparisons({ ...settings, maxPairs: 2 }, noMetrics)
  const one = rowsOf('{ y: { type: Float } }', [1], [1])
  for (const model of ['m@2', 'm@3', 'm@2', 'm@4']) comparisons.record({ ...one, model })
  expect(comparisons.list().map(({ shadow, rows }) => [shadow, rows])).toEqual([
    ['m@2', 2],
    ['m@4', 1],
  ])
})

it('one objective or all can be asked for, and forgotten', () => {
  const comparisons = new ShadowComparisons(settings, noMetrics)
  const one = rowsOf('{ y: { type: Float } }', [1], [1])
  comparisons.record(one)
  comparisons.record({ ...one, objective: objective('{ y: { type: Float } }', 'OTHER') })
  expect(comparisons.list('OTHER').map((pair) => pair.objective)).toEqual(['OTHER'])
  comparisons.reset('OTHER')
  expect(comparisons.list().map((pair) => pair.objective)).toEqual(['PROBE'])
  comparisons.reset()
  expect(comparisons.list()).toEqual([])
})

it('metrics sum up what is compared, by pair and output', () => {
  const metrics = new CountedMetrics()
  const comparisons = new ShadowComparisons(settings, metrics)
  comparisons.record(rowsOf('{ y: { type: Float } }', [1, 2], [1, 5]))
  const labels = 'objective=PROBE answered=m@1 shadow=m@2 output=y'
  expect(metrics.bySeries('presage_shadow_compared_total')).toEqual({ [labels]: 2 })
  expect(metrics.bySeries('presage_shadow_agreed_total')).toEqual({ [labels]: 1 })
  expect(metrics.bySeries('presage_shadow_difference_total')).toEqual({ [labels]: 3 })
})
