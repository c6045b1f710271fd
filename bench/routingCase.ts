import { compileRouter } from '../routing/compile/compileRouter'
import { toRuleSet } from '../routing/parse/parseRuleSet'
import type { ObjectiveContract } from '../routing/ruleSet/knownNames'
import type { Router } from '../routing/ruleSet/router'
import { seededRandom } from './seededRandom'

/** One rule set and the requests that it decides on; the same in every run. */
export interface RoutingCase {
  readonly written: Record<string, unknown>
  readonly objectives: readonly string[]
  readonly contexts: readonly Readonly<Record<string, string | number>>[]
  /** The rows of per-row objectives: the inputs `year` and `genre`, column by column. */
  readonly columns: readonly (readonly unknown[])[]
  readonly unit: string
  readonly router: Router
}

export const rulesEach = 20
export const rows = 100

/** Four countries each; a rule is about one group. */
const groups = [
  'AT CH DE LI',
  'ES FR IT PT',
  'DK FI NO SE',
  'AR BR CL UY',
  'CA MX US CR',
  'AU JP KR NZ',
  'EG KE NG ZA',
].map((group) => group.split(' '))
/** With these, 21 kinds of requests that are equally frequent: 20 are for a rule each, the last for the default. */
const kinds = [
  { number: { lt: 40 }, semver: '<3.2.0' },
  { number: { lt: 40 }, semver: '>=3.2.0' },
  { number: { gte: 40, lte: 120 }, semver: '^1.0.0 || ^2.0.0 || ~3.0.0' },
]

/**
 * `count` objectives of 20 rules with three predicates of three kinds each (membership, a range of versions, a range of numbers);
 * every fourth rule leads into an experiment, every fifth to the version that has a canary. `byRow`: the numbers are inputs.
 */
export function routingCase(count: number, contexts: number, byRow: boolean): RoutingCase {
  const random = seededRandom(count)
  const names = Array.from({ length: count }, (_, at) => `OBJECTIVE_${at}`)
  const number = byRow ? 'input.year' : 'age'
  const written = {
    objectives: Object.fromEntries(names.map((name) => [name, rulesOf(number, random)])),
    experiments: {
      half: {
        salt: 'half-1',
        cells: [
          { name: 'a', percent: 50, use: 'model@2' },
          { name: 'b', percent: 50, use: 'model@4' },
        ],
      },
    },
  }
  const contract: ObjectiveContract = {
    unit: 'context.member',
    inputs: [
      { name: 'year', type: { kind: 'Int' }, nullable: true, onNull: 'missing' },
      { name: 'genre', type: { kind: 'String' }, nullable: true, onNull: 'missing' },
    ],
  }
  return {
    written,
    objectives: names,
    // Read from JSON, as a request's are: no two share their strings.
    contexts: JSON.parse(JSON.stringify(Array.from({ length: contexts }, (_, at) => contextOf(at, random)))),
    columns: [
      Array.from({ length: rows }, () => Math.floor(random() * 80)),
      Array.from({ length: rows }, () => 'drama'),
    ],
    unit: 'context.member',
    router: compileRouter(
      toRuleSet(structuredClone(written), 'bench'),
      new Map(names.map((name) => [name, contract])),
    ),
  }
}

function rulesOf(number: string, random: () => number) {
  const combinations = shuffled(
    groups.flatMap((group) => kinds.map((kind) => ({ group, kind }))),
    random,
  )
  const rules = combinations.slice(0, rulesEach).map(({ group, kind }, at) => ({
    name: `rule ${at}`,
    when: { country: { in: group }, app: { semver: kind.semver }, [number]: kind.number },
    use: at % 4 === 0 ? { experiment: 'half' } : at % 5 === 1 ? 'model@3' : `model@${1 + (at % 2)}`,
  }))
  return {
    rules,
    default: 'model@3',
    canary: { of: 'model@3', to: 'model@4', percent: 5, salt: 'canary-4' },
  }
}

function contextOf(at: number, random: () => number) {
  const kind = Math.floor(random() * kinds.length)
  const group = groups[Math.floor(random() * groups.length)]
  const minor = Math.floor(random() * 20)
  return {
    member: `member-${at}`,
    country: group[Math.floor(random() * group.length)],
    app: kind === 0 ? `2.${minor}.1` : kind === 1 ? `3.${2 + minor}.0` : `1.${minor}.4`,
    age: Math.floor(random() * 40) + (kind === 2 ? 40 : 0),
    device: 'phone',
  }
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list]
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const moved = copy[at]
    copy[at] = copy[other]
    copy[other] = moved
  }
  return copy
}
