import type { Condition, Fallback, ObjectiveRules, Rule, Use } from '../../../routing/ruleSet/ruleSet'
import { type Asked, lost, versions, type World } from './world'

/** A whole number from 0 to below `end`. */
export type Random = (end: number) => number

const keys = Object.keys(versions)

export function randomWorld(random: Random): World {
  const names = ['A', 'B'].slice(random(3) === 0 ? 1 : 0)
  const sometimes = <T>(outOf: number, value: T) => (random(outOf) === 0 ? value : undefined)
  const byRow = random(3) === 0
  return {
    byRow,
    loses: random(3) === 0,
    objectives: Object.fromEntries(
      names.map((name) => [
        name,
        { ...(random(3) > 0 && { ttlMs: 1000 }), ...(random(4) === 0 && { maxRows: 5 }) },
      ]),
    ),
    // Row by row, all fields of a name are asked together, so that others may come before them.
    maxRows: byRow ? 10_000 : (sometimes(5, 8) ?? 10_000),
    ...randomRuleSet(random, names),
    away: keys.filter(() => random(6) === 0),
  }
}

/** As after an activation. */
export function withOtherRules(random: Random, world: World): World {
  return { ...world, ...randomRuleSet(random, Object.keys(world.objectives)) }
}

function randomRuleSet(random: Random, names: readonly string[]): Pick<World, 'rules' | 'experiments'> {
  return {
    rules: Object.fromEntries(names.map((name) => [name, randomRules(random)])),
    experiments: {
      halves: {
        salt: 'halves',
        ...(random(3) === 0 && { unit: 'input.x' }),
        cells: [
          { name: 'one', percent: 50, use: keys[random(4)] },
          { name: 'two', percent: 50, use: keys[random(4)] },
        ],
      },
    },
  }
}

function randomRules(random: Random): ObjectiveRules {
  const model = () => keys[random(4)]
  const use = (): Use => (random(2) === 0 ? { experiment: 'halves' } : model())
  const when = () =>
    [{ country: 'DE' }, { 'input.x': { lt: 5 } }, { not: { member: '1' } }][random(3)] as Condition
  const rules = Array.from(
    { length: random(3) },
    (_, at): Rule => ({ name: `rule-${at}`, when: when(), use: use() }),
  )
  const fallback: Fallback[] = Array.from({ length: random(2) + random(2) }, () => keys[random(5)])
  if (random(3) === 0) fallback.push({ constant: { y: -1, z: -1 } })
  const [of, to] = [model(), model()]
  const unit = random(5) === 0 ? { unit: 'input.x' } : {}
  const shadows = Array.from({ length: random(3) }, (_, at) => {
    return { model: keys[random(5)], percent: [50, 100][random(2)], salt: `s${at}`, ...unit }
  })
  const limits = {
    ...(random(2) === 0 && { perSecond: [0.5, 3, 10][random(3)] }),
    ...(random(2) === 0 && { concurrency: 1 }),
  }
  return {
    rules,
    default: use(),
    ...(fallback.length > 0 && { fallback }),
    ...(of !== to && random(2) === 0 && { canary: { of, to, percent: 40, salt: 'c', ...unit } }),
    ...(shadows.length > 0 && { shadow: shadows }),
    ...(random(3) === 0 &&
      Object.keys(limits).length > 0 && {
        limits: { ...limits, per: random(2) === 0 ? 'client' : 'objective' },
      }),
  }
}

export function randomRequest(random: Random, { objectives, loses, byRow }: World): Asked {
  const names = [...Object.keys(objectives), 'p@1']
  const member = ['1', '2', '3', undefined][random(4)]
  return {
    id: String(random(1e9)),
    fields: Array.from({ length: 1 + random(3) }, () => {
      const k = random(2)
      return {
        asks: names[random(names.length)],
        isLarge: random(4) === 0 && !byRow,
        wanted: ([['y'], ['z'], ['y', 'z']] as const)[random(3)],
        rows: Array.from({ length: random(6) }, () => ({
          x: [...Array(10).keys(), null, 50, loses ? lost : 3][random(13)],
          k,
        })),
      }
    }),
    context: { ...(member && { member }), ...(random(2) === 0 && { country: 'DE' }) },
    client: `client ${random(2)}`,
    overrides: random(4) === 0 ? { [names[random(names.length - 1)]]: keys[random(4)] } : {},
    isExplained: random(4) === 0,
    bypasses: random(5) === 0,
    isSynthetic: random(5) === 0,
    isLate: false,
    afterMs: [0, 1, 296, 995, 996][random(5)],
  }
}
