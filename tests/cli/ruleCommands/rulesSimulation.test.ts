import { Simulation } from '../../../cli/ruleCommands/simulation'
import type { InputSpec } from '../../../models/contracts/objective'
import { compileRouter } from '../../../routing/compile/compileRouter'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'

const year = { name: 'year', type: { kind: 'Int' }, nullable: true } as unknown as InputSpec

const known: KnownNames = {
  objectives: new Map([['RATE', { unit: 'context.member', inputs: [year] }]]),
  models: new Set(),
  serves: new Map(),
  asked: new Map(),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map([['age', 'number']]),
  freeKeys: new Set(),
}

function simulate(current: string, proposed: string, objectives = ['RATE']) {
  const rules = (text: string) => {
    const ruleSet = parseRuleSet(text, 'rules')
    const router = compileRouter(ruleSet, known.objectives)
    return (name: string) => (Object.hasOwn(ruleSet.objectives, name) ? router.for(name) : undefined)
  }
  return new Simulation(rules(current), rules(proposed), known, objectives)
}

it('counts by version and cell, and who moves to another version', () => {
  const half = (use: string) => `
objectives: { RATE: { default: ${use} } }
experiments:
  half: { salt: h, cells: [{ name: a, percent: 50, use: rater@1 }, { name: b, percent: 50, use: rater@2 }] }`
  const simulation = simulate(half('rater@1'), half('{ experiment: half }'))
  for (let member = 0; member < 1000; member++) simulation.add({ context: { member: String(member) } })
  const [{ requests, moved, shares, moves }] = simulation.result()
  expect(requests).toBe(1000)
  const b = shares.find(({ cell }) => cell === 'half/b')!
  expect(b).toEqual({ model: 'rater@2', cell: 'half/b', current: 0, proposed: moved })
  expect(moved).toBeGreaterThan(420)
  expect(moved).toBeLessThan(580)
  expect(shares.find(({ cell }) => cell === 'half/a')?.proposed).toBe(1000 - moved)
  expect(shares.find(({ cell }) => cell === undefined)).toEqual({
    model: 'rater@1',
    current: 1000,
    proposed: 0,
  })
  // Those in cell a are in an experiment now, and are answered by the same version.
  expect(moves).toHaveLength(2)
  expect(moves.find(({ to }) => to === 'rater@2 half/b')?.requests).toBe(moved)
})

it('a raised canary moves nobody back', () => {
  const canary = (percent: number) =>
    `objectives: { RATE: { default: rater@3, canary: { of: rater@3, to: rater@4, percent: ${percent}, salt: c } } }`
  const simulation = simulate(canary(5), canary(20))
  for (let member = 0; member < 2000; member++) simulation.add({ context: { member } })
  const [{ moves, moved }] = simulation.result()
  expect(moves).toEqual([{ from: 'rater@3', to: 'rater@4', requests: moved }])
})

it('reads contexts as the configuration types them', () => {
  const simulation = simulate(
    'objectives: { RATE: { default: rater@1 } }',
    'objectives: { RATE: { rules: [{ name: grown, when: { age: { gte: 18 } }, use: rater@2 }], default: rater@1 } }',
  )
  simulation.add({ context: { age: '20' } })
  simulation.add({ context: { age: 'twenty' } })
  expect(simulation.result()[0]).toMatchObject({ requests: 2, moved: 1 })
})

it('says how many have nothing to be drawn by', () => {
  const simulation = simulate(
    'objectives: { RATE: { default: rater@3 } }',
    'objectives: { RATE: { default: rater@3, canary: { of: rater@3, to: rater@4, percent: 50, salt: c } } }',
  )
  simulation.add({ context: {} })
  expect(simulation.result()[0]).toMatchObject({ requests: 1, moved: 0, noUnit: 1 })
})

it('what decides by row needs inputs, what has no rules is said, and another objective is none', () => {
  const simulation = simulate(
    'objectives: { OTHER: { default: rater@1 } }',
    'objectives: { RATE: { rules: [{ name: a, when: { input.year: 1 }, use: rater@2 }], default: rater@1 } }',
  )
  expect(simulation.add({ context: {}, objective: 'RATE' })).toBe(true)
  expect(simulation.add({ context: {}, objective: 'NONE' })).toBe(false)
  expect(simulation.result()[0]).toMatchObject({
    requests: 1,
    moves: [{ from: 'no rule', to: 'NEEDS_INPUTS', requests: 1 }],
  })
})
