import { conditionText } from './conditionText'
import type { Cell, ObjectiveRules, RuleSet, Use } from './ruleSet'

/** The rules of an objective as a tree of two levels: ways in their order, and what answers on each. */
export interface RuleTree {
  readonly ways: readonly Way[]
  readonly shadows: readonly { readonly model: string; readonly percent: number }[]
  readonly fallbacks: readonly string[]
}

/** A rule, or the default. */
export interface Way {
  /** The name of the rule; empty for the default. */
  readonly rule: string
  readonly condition: string
  readonly experiment?: string
  readonly leaves: readonly Leaf[]
}

/** A version at the end of a way. */
export interface Leaf {
  readonly key: string
  readonly model: string
  /** Such as `cell control` or `canary`; empty for a version that is alone. */
  readonly how: string
  /** The share of the units of its way that it should get; undefined where it gets them all, or what has no unit. */
  readonly percent?: number
}

/** What a decision and a series of decisions say of where they ended. */
export interface DecisionPlace {
  readonly model: string
  readonly reason: string
  readonly rule?: string | null
  readonly cell?: string | null
}

export function leafKey({ model, reason, rule, cell }: DecisionPlace): string {
  // A version that a rule or the default leads to has the same place, whether or not a canary was drawn there.
  const kind = reason === 'rule' || reason === 'default' ? 'use' : reason
  return JSON.stringify([kind, rule ?? '', cell ?? '', model])
}

/** Undefined if the rules do not have the objective. */
export function ruleTree({ objectives, experiments = {} }: RuleSet, objective: string): RuleTree | undefined {
  if (!Object.hasOwn(objectives, objective)) return undefined
  const rules = objectives[objective]
  const leavesOf = (use: Use, rule: string) =>
    typeof use === 'string'
      ? versionLeaves(use, rule, rules.canary)
      : cellLeaves(experiments[use.experiment]?.cells ?? [], rule)
  const wayOf = (rule: string, condition: string, use: Use): Way => ({
    rule,
    condition,
    ...(typeof use !== 'string' && { experiment: use.experiment }),
    leaves: leavesOf(use, rule),
  })
  return {
    ways: [
      ...(rules.rules ?? []).map(({ name, when, use }) => wayOf(name, conditionText(when), use)),
      wayOf('', 'everything else', rules.default),
    ],
    shadows: rules.shadow ?? [],
    fallbacks: (rules.fallback ?? []).map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
  }
}

function cellLeaves(cells: readonly Cell[], rule: string): readonly Leaf[] {
  const drawn = cells.map(({ name, percent, use: model }) => ({
    key: leafKey({ model, reason: 'experiment', rule, cell: name }),
    model,
    how: `cell ${name}`,
    percent,
  }))
  // Without a unit, the experiment of a rule leaves a request to the default, and the default's to its first cell.
  if (rule !== '' || cells.length === 0) return drawn
  const model = cells[0].use
  return [...drawn, { key: leafKey({ model, reason: 'default' }), model, how: 'without a unit' }]
}

function versionLeaves(model: string, rule: string, canary: ObjectiveRules['canary']): readonly Leaf[] {
  const own = { key: leafKey({ model, reason: 'rule', rule }), model, how: '' }
  if (canary?.of !== model) return [own]
  const { to, percent } = canary
  return [
    // Percentages have four decimals at most; a difference of floats has more.
    { ...own, percent: Number((100 - percent).toFixed(4)) },
    { key: leafKey({ model: to, reason: 'canary', rule }), model: to, how: 'canary', percent },
  ]
}
