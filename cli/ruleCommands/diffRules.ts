import { show } from '../../lib/errors'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import type {
  Canary,
  Experiment,
  ObjectiveRules,
  Rule,
  RuleSet,
  Shadow,
  Use,
} from '../../routing/ruleSet/ruleSet'

/** What a rule set changes, a line for each change: `PREDICT_RATING: canary 5 % → 20 %`. Empty if nothing. */
export function diffRules(before: RuleSet, after: RuleSet): readonly string[] {
  return [
    ...byKey(before.objectives, after.objectives, {
      added: (name, one) => [`${name}: added, default ${useText(one.default)}`],
      removed: (name) => [`${name}: removed`],
      changed: (name, one, other) => objectiveLines(one, other).map((line) => `${name}: ${line}`),
    }),
    ...byKey(before.experiments, after.experiments, {
      added: (name, one) => [`experiment ${name}: added, ${cellsText(one)}`],
      removed: (name) => [`experiment ${name}: removed`],
      changed: (name, one, other) => experimentLines(one, other).map((line) => `experiment ${name}: ${line}`),
    }),
    ...byKey(before.placement, after.placement, {
      added: (model, shards) => [`placement of ${model}: added, ${shards.join(', ')}`],
      removed: (model) => [`placement of ${model}: removed`],
      changed: (model, one, other) => change(`placement of ${model}`, one.join(', '), other.join(', ')),
    }),
    ...change('message', before.message, after.message),
  ]
}

function objectiveLines(before: ObjectiveRules, after: ObjectiveRules): string[] {
  return [
    ...ruleLines(before.rules ?? [], after.rules ?? []),
    ...change('default', useText(before.default), useText(after.default)),
    ...canaryLines(before.canary, after.canary),
    ...shadowLines(before.shadow ?? [], after.shadow ?? []),
    ...change('fallback', fallbackText(before.fallback), fallbackText(after.fallback)),
    ...byKey(entriesOf(before.limits), entriesOf(after.limits), {
      added: (key, value) => [`limits.${key} none → ${value}`],
      removed: (key, value) => [`limits.${key} ${value} → none`],
      changed: (key, one, other) => change(`limits.${key}`, String(one), String(other)),
    }),
  ]
}

function ruleLines(before: readonly Rule[], after: readonly Rule[]): string[] {
  const lines = byKey(named(before), named(after), {
    added: (name, { when, use }) => [
      `rule ${name} added in place ${place(after, name)}, when ${show(when ?? {})} → ${useText(use)}`,
    ],
    removed: (name, { use }) => [`rule ${name} removed, was → ${useText(use)}`],
    changed: (name, one, other) => [
      ...change(
        `rule ${name}: when`,
        show(one.when ?? {}),
        show(other.when ?? {}),
        isSame(one.when, other.when),
      ),
      ...change(`rule ${name}: use`, useText(one.use), useText(other.use)),
    ],
  })
  const common = (rules: readonly Rule[], others: readonly Rule[]) =>
    rules.map(({ name }) => name).filter((name) => others.some((other) => other.name === name))
  return [
    ...lines,
    ...change('order of rules', common(before, after).join(', '), common(after, before).join(', ')),
  ]
}

function canaryLines(before: Canary | undefined, after: Canary | undefined): string[] {
  if (before === undefined || after === undefined) {
    if (before !== undefined) return [`canary of ${before.of} to ${before.to} at ${before.percent} % removed`]
    return after === undefined ? [] : [`canary of ${after.of} to ${after.to} at ${after.percent} % added`]
  }
  return [
    ...change('canary of', before.of, after.of),
    ...change('canary to', before.to, after.to),
    ...change('canary', `${before.percent} %`, `${after.percent} %`),
    ...drawLines('canary', before, after),
  ]
}

function shadowLines(before: readonly Shadow[], after: readonly Shadow[]): string[] {
  return byKey(shadowsByName(before), shadowsByName(after), {
    added: (name, { percent }) => [`shadow ${name} at ${percent} % added`],
    removed: (name, { percent }) => [`shadow ${name} at ${percent} % removed`],
    changed: (name, one, other) => [
      ...change(`shadow ${name}`, `${one.percent} %`, `${other.percent} %`),
      ...drawLines(`shadow ${name}`, one, other),
    ],
  })
}

function experimentLines(before: Experiment, after: Experiment): string[] {
  return [
    ...byKey(named(before.cells), named(after.cells), {
      added: (name, { percent, use }) => [`cell ${name} added, ${percent} % → ${use}`],
      removed: (name, { percent, use }) => [`cell ${name} removed, was ${percent} % → ${use}`],
      changed: (name, one, other) => [
        ...change(`cell ${name}`, `${one.percent} %`, `${other.percent} %`),
        ...change(`cell ${name}: use`, one.use, other.use),
      ],
    }),
    ...drawLines('', before, after),
  ]
}

/** A different salt or unit makes a different draw. */
function drawLines(
  what: string,
  before: { readonly salt: string; readonly unit?: string },
  after: { readonly salt: string; readonly unit?: string },
): string[] {
  const drawnAnew = (key: 'salt' | 'unit') =>
    change(`${what} ${key}`.trim(), before[key], after[key]).map(
      (line) => `${line}; all units get a new draw`,
    )
  return [...drawnAnew('salt'), ...drawnAnew('unit')]
}

interface Lines<T> {
  added(key: string, value: T): string[]
  removed(key: string, value: T): string[]
  changed(key: string, before: T, after: T): string[]
}

/** In the order of `before`, followed by new entries. */
function byKey<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  lines: Lines<T>,
): string[] {
  const known = Object.entries(before).flatMap(([key, one]) =>
    Object.hasOwn(after, key) ? lines.changed(key, one, after[key]) : lines.removed(key, one),
  )
  const come = Object.entries(after).filter(([key]) => !Object.hasOwn(before, key))
  return [...known, ...come.flatMap(([key, one]) => lines.added(key, one))]
}

function change(what: string, before = 'none', after = 'none', same = before === after): string[] {
  return same ? [] : [`${what} ${before} → ${after}`]
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? {}) === canonicalJson(other ?? {})
}

function useText(use: Use): string {
  return typeof use === 'string' ? use : `experiment ${use.experiment}`
}

function cellsText({ cells }: Experiment): string {
  return cells.map(({ name, percent, use }) => `${name} ${percent} % → ${use}`).join(', ')
}

function entriesOf(limits: ObjectiveRules['limits']): Readonly<Record<string, string | number>> {
  return { ...limits }
}

function fallbackText(fallbacks: ObjectiveRules['fallback'] = []): string {
  const texts = fallbacks.map((one) => (typeof one === 'string' ? one : canonicalJson(one.constant)))
  return texts.join(', ') || 'none'
}

function named<T extends { readonly name: string }>(all: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(all.map((one) => [one.name, one]))
}

function place(rules: readonly Rule[], name: string): number {
  return rules.findIndex((rule) => rule.name === name) + 1
}

/** Several draws may shadow the same version. */
function shadowsByName(shadows: readonly Shadow[]): Readonly<Record<string, Shadow>> {
  const names = new Map<string, number>()
  return Object.fromEntries(
    shadows.map((shadow) => {
      const count = (names.get(shadow.model) ?? 0) + 1
      names.set(shadow.model, count)
      return [count === 1 ? shadow.model : `${shadow.model} (${count})`, shadow]
    }),
  )
}
