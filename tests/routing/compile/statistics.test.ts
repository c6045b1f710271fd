import { execFileSync } from 'node:child_process'
import { compiledPath } from '../../../lib/packagePaths'
import { compileRouter } from '../../../routing/compile/compileRouter'
import { toRuleSet } from '../../../routing/parse/parseRuleSet'
import type { ObjectiveRouter } from '../../../routing/ruleSet/router'

const units = 1_000_000

const thirds = [
  { name: 'a', percent: 20, use: 'rater@1' },
  { name: 'b', percent: 30.5, use: 'rater@2' },
  { name: 'c', percent: 49.5, use: 'rater@3' },
]
const halves = [
  { name: 'a', percent: 50, use: 'rater@1' },
  { name: 'b', percent: 50, use: 'rater@2' },
]
const canary = (percent: number) => ({
  default: 'rater@1',
  canary: { of: 'rater@1', to: 'rater@2', percent, salt: 'canary-1' },
})

const ruleSet = {
  objectives: {
    THIRDS: { default: { experiment: 'thirds' } },
    HALVES: { default: { experiment: 'halves' } },
    ONE: canary(1),
    FIVE: canary(5),
    TWENTY: canary(20),
  },
  experiments: { thirds: { salt: 'thirds-1', cells: thirds }, halves: { salt: 'halves-1', cells: halves } },
}
const contracts = new Map(
  Object.keys(ruleSet.objectives).map((name) => [name, { unit: 'context.member', inputs: [] }]),
)
const router = compileRouter(toRuleSet(structuredClone(ruleSet), 'statistics'), contracts)

/** Ids as they are in practice, ascending numbers and longer texts, in which every draw must find chance enough. */
const idsOf: Readonly<Record<string, (at: number) => string>> = {
  'ascending numbers': String,
  'ids with a prefix': (at) => `member-${at.toString(16).padStart(8, '0')}@example.com`,
}

/** Far enough that it does not happen: five standard deviations. */
function expectShare(count: number, share: number): void {
  const deviation = Math.sqrt(units * share * (1 - share))
  expect(Math.abs(count - units * share)).toBeLessThan(5 * deviation)
}

function count(objective: ObjectiveRouter, id: (at: number) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at < units; at++) {
    const { cell = '', model } = objective.decide({ member: id(at) })
    counts.set(cell || model, (counts.get(cell || model) ?? 0) + 1)
  }
  return counts
}

describe.each(Object.keys(idsOf))('of a million units, %s', (kind) => {
  const id = idsOf[kind]

  it('each cell has its percentage, within what chance allows', () => {
    const counts = count(router.for('THIRDS'), id)
    for (const { name, percent } of thirds) expectShare(counts.get(name) ?? 0, percent / 100)
  })

  it('a canary has its percentage', () => {
    expectShare(count(router.for('FIVE'), id).get('rater@2') ?? 0, 0.05)
  })

  it('the cells of two experiments are independent', () => {
    const [one, other] = [router.for('THIRDS'), router.for('HALVES')]
    const pairs = new Map<string, number>()
    for (let at = 0; at < units; at++) {
      const context = { member: id(at) }
      const pair = `${one.decide(context).cell} ${other.decide(context).cell}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }
    let chiSquare = 0
    for (const left of thirds) {
      for (const right of halves) {
        const expected = (units * left.percent * right.percent) / 10_000
        chiSquare += ((pairs.get(`${left.name} ${right.name}`) ?? 0) - expected) ** 2 / expected
      }
    }
    // Five degrees of freedom: chance alone exceeds this once in a hundred thousand times.
    expect(chiSquare).toBeLessThan(30.86)
  })

  it('raising a canary moves nobody back', () => {
    const [low, middle, high] = ['ONE', 'FIVE', 'TWENTY'].map((name) => router.for(name))
    let back = 0
    for (let at = 0; at < units; at++) {
      const context = { member: id(at) }
      const isMoved = [low, middle, high].map((one) => one.decide(context).model === 'rater@2')
      if ((isMoved[0] && !isMoved[1]) || (isMoved[1] && !isMoved[2])) back++
    }
    expect(back).toBe(0)
  })
})

it('the same unit is in the same cell in another process', () => {
  const script = `
    const { compileRouter } = require(${JSON.stringify(compiledPath('routing/compile/compileRouter'))})
    const { toRuleSet } = require(${JSON.stringify(compiledPath('routing/parse/parseRuleSet'))})
    const router = compileRouter(toRuleSet(${JSON.stringify(ruleSet)}, 'statistics'), new Map([['THIRDS', { unit: 'context.member', inputs: [] }]]))
    const cells = Array.from({ length: 10000 }, (_, at) => router.for('THIRDS').decide({ member: 'é' + at }).cell)
    console.log(cells.join(''))
  `
  const there = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()
  const here = Array.from(
    { length: 10_000 },
    (_, at) => router.for('THIRDS').decide({ member: `é${at}` }).cell,
  )
  expect(there).toBe(here.join(''))
})
