import { compileRouter } from '../../routing/compile/compileRouter'
import type { Explanation } from '../../routing/compile/explain'
import { toRuleSet } from '../../routing/parse/parseRuleSet'
import type { ObjectiveContract } from '../../routing/ruleSet/knownNames'
import { seeded } from '../support/seeded'
import { naiveDecision } from './naive'
import { contract, models, RandomRules } from './randomRules'

/** What each of many decisions was, so that a test can say that it met them all. */
class Tally {
  private readonly counts = new Map<string, number>()

  add(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0
  }
}

/** What is compared: `ruleSets` random rule sets, numbered, with `requests` random requests to each. */
interface Comparison {
  readonly seed: number
  readonly ruleSets: number
  readonly requests: number
}

/**
 * Holds the compiled rules, and what they tell of themselves, against the naive interpreter. Fails at the first difference,
 * with the seed and number of the rule set and all that was asked.
 */
export function compareRandomly({ seed, ruleSets, requests }: Comparison): Tally {
  const rules = new RandomRules(seeded(seed))
  const tally = new Tally()
  for (let number = 0; number < ruleSets; number++) {
    const written = rules.ruleSet()
    const unit = rules.pick([undefined, 'context.member', 'context.member', 'context.age', 'input.titleId'])
    const ownContract: ObjectiveContract = { ...contract, ...(unit !== undefined && { unit }) }
    const ready = new Set(models.filter(() => rules.chance(0.7)))
    // Frozen here, so that neither side can change what the other reads.
    const ruleSet = toRuleSet(written, 'random')
    const router = compileRouter(ruleSet, new Map([['O', ownContract]]), (_, model) => ready.has(model))
    const { perRow } = router.for('O')
    for (let request = 0; request < requests; request++) {
      const context = rules.context()
      const inputs = rules.inputs()
      const override = rules.chance(0.1) ? rules.pick(models) : undefined
      const shard = rules.chance(0.1) ? 'main' : undefined
      const wanted = {
        objective: 'O',
        context,
        ...(shard !== undefined && { shard }),
        ...(override !== undefined && { override }),
      }
      const isPlaced =
        override !== undefined && (shard === undefined || placedOn(written, override).includes(shard))
      const expected = naiveDecision({
        ruleSet: written,
        unit,
        objective: 'O',
        context,
        inputs: admitted(inputs),
        ...(shard !== undefined && { shard }),
        ...(override !== undefined && ready.has(override) && isPlaced && { override }),
      })
      const expectedText = canonical(expected)
      // As many calls of `expect` would take most of the time.
      const same = (decided: object, how: string) => {
        const text = canonical(decided)
        if (text === expectedText) return
        const asked = { written, unit, ready: [...ready], inputs, wanted }
        throw new Error(
          `seed ${seed}, rule set ${number}, ${how}: ${text}, expected ${expectedText}: ${JSON.stringify(asked)}`,
        )
      }
      same(router.resolve({ ...wanted, inputs }), 'with inputs')
      if (!perRow) same(router.resolve(wanted), 'without inputs')
      same(told(router.explain({ ...wanted, inputs }) as Explanation), 'explained')
      tally.add(String(expected['reason']))
      for (const key of Object.keys(expected)) tally.add(key)
    }
    tally.add(perRow ? 'per row' : 'per request')
  }
  return tally
}

/** What an explanation tells, step by step, put together to a decision. */
function told({ decision, override, rules, draws }: Explanation): object {
  const { objective, model, shard, reason } = decision
  const before = draws.filter(({ by }) => by !== 'shadow')
  const drawn = before.find(({ bucket }) => bucket !== undefined)
  const matched = rules.find((rule) => rule.matched)
  // Whoever had no unit for the experiment of a rule goes on as if it had not matched.
  const isPassed = matched !== undefined && before[0]?.by === 'experiment' && before[0].bucket === undefined
  const shadows = draws.flatMap(({ by, name, taken }) => (by === 'shadow' && taken ? [name] : []))
  return {
    objective,
    model,
    shard,
    reason: override?.taken
      ? 'override'
      : drawn?.by === 'experiment'
        ? 'experiment'
        : drawn?.taken
          ? 'canary'
          : reason === 'rule' && matched !== undefined && !isPassed
            ? 'rule'
            : 'default',
    ...(matched !== undefined && !isPassed && { rule: matched.name }),
    ...(drawn?.by === 'experiment' && { experiment: drawn.name, cell: drawn.cell }),
    ...(drawn !== undefined && { bucket: drawn.bucket }),
    ...(shadows.length > 0 && { shadows }),
    ...(draws.some(({ bucket }) => bucket === undefined) && { flags: ['NO_UNIT'] }),
  }
}

function canonical(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Ids are compared as text, and an absent input takes its default, as null does unless it is nullable. */
function admitted(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { titleId, limit, ...rest } = inputs
  return { ...rest, titleId: typeof titleId === 'number' ? String(titleId) : titleId, limit: limit ?? 10 }
}

function placedOn(
  { placement }: { placement: Record<string, string | string[]> },
  model: string,
): readonly string[] {
  const key = [model, model.split('@')[0], '*'].find((one) => Object.hasOwn(placement, one))
  return key === undefined ? ['main'] : [placement[key]].flat()
}
