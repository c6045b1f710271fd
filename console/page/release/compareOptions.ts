import type { RuleTree } from '../rules/ruleTree'

export interface CompareOptions {
  readonly models: readonly string[]
  /** Which two to compare unless somebody says so. */
  readonly base?: string
  readonly other?: string
}

/** A canary with the version that it takes from, else what the default leads to with a cell beside it, or a shadow. */
export function compareOptions({ ways, shadows }: RuleTree, models: readonly string[]): CompareOptions {
  const pairs = ways
    .map(({ leaves }) => [...new Set(leaves.map(({ model }) => model))])
    .filter((models) => models.length > 1)
  const base = ways.at(-1)?.leaves[0]?.model
  const others = [...shadows.map(({ model }) => model), ...models].filter((model) => model !== base)
  const [first = base, second = others[0]] = pairs.at(-1) ?? []
  return { models, base: first, other: second }
}
