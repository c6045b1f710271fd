import { show } from '../../lib/errors'
import { memoized, memoizedWeakly } from '../../lib/memoized'

/** All routing rules of a deployment, as in a rule file: parsed, checked for shape, and frozen. */
export interface RuleSet {
  readonly message?: string
  readonly objectives: Readonly<Record<string, ObjectiveRules>>
  readonly experiments: Readonly<Record<string, Experiment>>
  /** By `name@version`, `name` or `*`. The first shard is used unless a field names another one of them. */
  readonly placement: Readonly<Record<string, readonly string[]>>
}

export interface ObjectiveRules {
  /** The first rule that matches decides. */
  readonly rules?: readonly Rule[]
  readonly default: Use
  readonly canary?: Canary
  readonly shadow?: readonly Shadow[]
  readonly fallback?: readonly Fallback[]
  readonly limits?: Limits
}

export interface Rule {
  readonly name: string
  /** If absent or empty, the rule always matches. */
  readonly when?: Condition
  readonly use: Use
}

/** `name@version`, or the cells of an experiment. */
export type Use = string | { readonly experiment: string }

/**
 * All entries must hold. Keys: `country` or `context.country`, `input.NAME`, and `all`, `any`, `not`. A value is a
 * scalar, short for `eq`, or an object of operators that must all hold.
 */
export interface Condition {
  readonly all?: readonly Condition[]
  readonly any?: readonly Condition[]
  readonly not?: Condition
  readonly [key: string]: Scalar | Operators | Condition | readonly Condition[] | undefined
}

export type Scalar = string | number | boolean

export interface Operators {
  readonly eq?: Scalar
  readonly ne?: Scalar
  readonly in?: readonly Scalar[]
  readonly notIn?: readonly Scalar[]
  readonly lt?: string | number
  readonly lte?: string | number
  readonly gt?: string | number
  readonly gte?: string | number
  readonly prefix?: string
  readonly semver?: string
  readonly exists?: boolean
}

/** Draws a percentage of the units, by their hash with the salt. */
export interface Draw {
  /** 0 to 100 with up to four decimals. */
  readonly percent: number
  readonly salt: string
  /** `context.KEY` or `input.NAME`; by default the objective's. */
  readonly unit?: string
}

/** Moves the drawn units from the version `of`, wherever rules or the default lead to it, to the version `to`. */
export interface Canary extends Draw {
  readonly of: string
  readonly to: string
}

/** Also sends the rows of the drawn units to `model`, whose answer is only recorded. */
export interface Shadow extends Draw {
  readonly model: string
}

/** What answers if the chosen version cannot: another version, or these outputs. */
export type Fallback = string | { readonly constant: Readonly<Record<string, unknown>> }

export interface Limits {
  readonly perSecond?: number
  readonly concurrency?: number
  /** Who is counted for these two limits; default `objective`, all together. */
  readonly per?: LimitHolder
  /** Such as `50ms`. */
  readonly deadline?: string
}

/** Who gets a separate limit: the objective, each client, or each tenant. */
export const limitHolders = ['objective', 'client', 'tenant'] as const

export type LimitHolder = (typeof limitHolders)[number]

export interface Experiment {
  /** `context.KEY` or `input.NAME`; by default the objective's. */
  readonly unit?: string
  readonly salt: string
  /** Consecutive ranges of buckets, in this order. Their percentages add up to 100. */
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly name: string
  readonly percent: number
  /** `name@version` */
  readonly use: string
}

/** Where versions are placed of which `placement` says nothing. */
export const defaultShard = 'main'

/** The shards on which a version is placed. */
export function shardsOf({ placement }: Pick<RuleSet, 'placement'>, model: string): readonly string[] {
  const key = placementKey(placement, model)
  return key === undefined ? [defaultShard] : placement[key]
}

/** The entry that places a version: `name@version`, else `name`, else `*`. */
export function placementKey(placement: RuleSet['placement'], model: string): string | undefined {
  return [model, model.split('@')[0], '*'].find((key) => Object.hasOwn(placement, key))
}

/** Why no request gets this decision: the version is not on the shard. Undefined if it is. */
export function placementProblem(
  ruleSet: Pick<RuleSet, 'placement'>,
  { model, shard }: { readonly model: string; readonly shard: string },
): string | undefined {
  const shards = shardsOf(ruleSet, model)
  return shards.includes(shard) ? undefined : `shard: ${model} is on ${shards.join(', ')}, got ${show(shard)}`
}

/** The experiments to which the rules or the default of an objective lead. */
export function experimentsOf({ rules = [], default: last }: ObjectiveRules): readonly string[] {
  const uses = [...rules.map(({ use }) => use), last]
  return uses.flatMap((use) => (typeof use === 'string' ? [] : [use.experiment]))
}

/** The distinct versions that an objective names: in rules, default, cells, canary, shadows and fallbacks, in this order. */
export function namedVersions(ruleSet: RuleSet, objective: string): readonly string[] {
  return Object.hasOwn(ruleSet.objectives, objective) ? namedBy(ruleSet)(objective) : []
}

/** Made once: an objective may have thousands of rules, and it is asked for each version of a repository. */
const namedBy = memoizedWeakly(({ objectives, experiments }: RuleSet) =>
  memoized((objective: string): readonly string[] => {
    const { rules = [], default: last, canary, shadow = [], fallback = [] } = objectives[objective]
    const used = [...rules.map(({ use }) => use), last].flatMap((use) =>
      typeof use === 'string' ? [use] : experiments[use.experiment].cells.map((cell) => cell.use),
    )
    const moved = canary === undefined ? [] : [canary.to]
    const others = fallback.filter((one): one is string => typeof one === 'string')
    return [...new Set([...used, ...moved, ...shadow.map(({ model }) => model), ...others])]
  }),
)
