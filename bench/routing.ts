/**
 * `npm run bench:routing [-- --quick]`: how many routing decisions a core makes. 10, 100, 500 and 1,000 objectives of 20 rules
 * with three predicates of three kinds, an experiment and a canary, on 100,000 distinct contexts; per request and per row.
 * Decisions are checked against the naive interpreter of the tests first. Beside each figure per request stands the floor: the
 * same walk, with what each decision will be known before.
 */
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { naiveDecision } from '../tests/routing/naive'
import { readOptions } from './command'
import { median } from './measure'
import { type RoutingCase, routingCase, rows } from './routingCase'
import { routingFloor, walkFloor } from './routingFloor'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function main(): void {
  const values = readOptions({ quick: false })
  const decisions = values.quick ? 500_000 : 5_000_000
  const rounds = values.quick ? 3 : 5
  for (const byRow of [false, true]) {
    console.log(byRow ? 'per row (100 rows a request)' : 'per request')
    for (const count of [10, 100, 500, 1000]) {
      const one = routingCase(count, 100_000, byRow)
      const shares = check(one, byRow, values.quick ? 5_000 : 20_000)
      const run = byRow ? runRows : runRequests
      run(one, decisions / 5) // warms the code, not counted
      collect()
      const before = process.memoryUsage().heapUsed
      const rates = Array.from({ length: rounds }, () => decisions / cpuSeconds(() => run(one, decisions)))
      collect()
      const kept = process.memoryUsage().heapUsed - before
      const rate = median(rates) / 1e6
      const spread = `${(Math.min(...rates) / 1e6).toFixed(2)} to ${(Math.max(...rates) / 1e6).toFixed(2)}`
      console.log(
        `  ${String(count).padStart(4)} objectives  ${rate.toFixed(2)} million a CPU second (${spread})  ` +
          `${(1000 / rate).toFixed(0)} ns${byRow ? '' : `, floor ${floorNanoseconds(one).toFixed(0)} ns`}  ` +
          `${allocated(one, run).toFixed(0)} bytes a decision, ${(kept / (rounds * decisions)).toFixed(3)} kept  ${shares}`,
      )
    }
  }
}

/** Sums something of every decision, so that none can be left out. */
let sum = 0

function runRequests({ router, objectives, contexts }: RoutingCase, decisions: number): void {
  let objective = 0
  let context = 0
  for (let at = 0; at < decisions; at++) {
    sum += router.for(objectives[objective]).decide(contexts[context]).model.length
    if (++objective === objectives.length) objective = 0
    if (++context === contexts.length) context = 0
  }
}

function runRows({ router, objectives, contexts, columns }: RoutingCase, decisions: number): void {
  let objective = 0
  let context = 0
  for (let at = 0; at < decisions; at += rows) {
    const one = router.for(objectives[objective])
    for (let row = 0; row < rows; row++) sum += one.decideRow(contexts[context], columns, row).model.length
    if (++objective === objectives.length) objective = 0
    if (++context === contexts.length) context = 0
  }
}

function floorNanoseconds(one: RoutingCase): number {
  const floor = routingFloor(one, 500_000)
  const walks = Array.from({ length: 5 }, () => cpuSeconds(() => (sum += walkFloor(floor))))
  return (1e9 * Math.min(...walks)) / floor.places.length
}

/** Bytes that a decision takes of the heap: over few enough that no collection comes between. */
function allocated(one: RoutingCase, run: (one: RoutingCase, decisions: number) => void): number {
  const few = 10_000
  const samples = Array.from({ length: 9 }, () => {
    collect()
    const before = process.memoryUsage().heapUsed
    run(one, few)
    return (process.memoryUsage().heapUsed - before) / few
  })
  return median(samples)
}

/** Throws where the compiled rules and the naive interpreter differ; says how often each reason was. */
function check(one: RoutingCase, byRow: boolean, decisions: number): string {
  const { router, objectives, contexts, columns, written, unit } = one
  const reasons = new Map<string, number>()
  for (let at = 0; at < decisions; at++) {
    const objective = objectives[at % objectives.length]
    const context = contexts[at % contexts.length]
    const row = at % rows
    const compiled = router.for(objective)
    if (compiled.perRow !== byRow) throw new Error(`${objective}: perRow must be ${byRow}`)
    const decided = byRow ? compiled.decideRow(context, columns, row) : compiled.decide(context)
    const inputs = { year: columns[0][row], genre: columns[1][row] }
    const expected = naiveDecision({ ruleSet: written, unit, objective, context, inputs })
    if (!isDeepStrictEqual({ ...decided }, expected)) {
      throw new Error(
        `${objective}: ${JSON.stringify(context)}: ${JSON.stringify(decided)}, not ${JSON.stringify(expected)}`,
      )
    }
    reasons.set(decided.reason, (reasons.get(decided.reason) ?? 0) + 1)
  }
  const shares = [...reasons]
    .sort()
    .map(([reason, count]) => `${reason} ${Math.round((100 * count) / decisions)} %`)
  return `(${shares.join(', ')})`
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

main()
if (sum === 0) throw new Error('no decision was made')
