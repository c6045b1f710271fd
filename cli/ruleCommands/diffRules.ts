import { show } from '../../lib/errors'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import {
  type Canary,
  type Experiment,
  experimentsOf,
  type ObjectiveRules,
  type RuleSet,
  type Shadow,
  type Use,
} from '../../routing/ruleSet/ruleSet'

/** The unit of an objective by its contract; undefined if it has none. */
export type UnitOf = (objective: string) => string | undefined

/**
 * What a rule set changes, a line for each change: `PREDICT_RATING: canary 5 % → 20 %`. Empty if nothing. `unitOf` is
 * called only where the `unit` of a draw changes: it may be the objective's, which needs not be written.
 */
export function diffRules(before: RuleSet, after: RuleSet, unitOf: UnitOf): readonly string[] {
  return [
    ...byKey(before.objectives, after.objectives, {
      added: (name, one) => [`${name}: added, default ${useText(one.default)}`],
      removed: (name) => [`${name}: removed`],
      changed: (name, one, other) =>
        objectiveLines(one, other, () => [unitOf(name)]).map((line) => `${name}: ${line}`),
    }),
    ...byKey(before.experiments, after.experiments, {
      added: (name, one) => [`experiment ${name}: added, ${cellsText(one)}`],
      removed: (name) => [`experiment ${name}: removed`],
      changed: (name, one, other) =>
        experimentLines(one, other, () => usersOf(name, before, after).map(unitOf)).map(
          (line) => `experiment ${name}: ${line}`,
        ),
    }),
    ...byKey(before.placement, after.placement, {
      added: (model, shards) => [`placement of ${model}: added, ${shards.join(', ')}`],
      removed: (model) => [`placement of ${model}: removed`],
      changed: (model, one, other) => change(`placement of ${model}`, one.join(', '), other.join(', ')),
    }),
    ...change('message', before.message, after.message),
  ]
}

/** The units of the objectives that draw. Two may share an experiment and have different ones. */
type Units = () => readonly (string | undefined)[]

/** The objectives that an experiment draws for. */
function usersOf(experiment: string, ...ruleSets: readonly RuleSet[]): readonly string[] {
  const users = ruleSets.flatMap(({ objectives }) =>
    Object.keys(objectives).filter((name) => experimentsOf(objectives[name]).includes(experiment)),
  )
  return [...new Set(users)]
}

function objectiveLines(before: ObjectiveRules, after: ObjectiveRules, units: Units): string[] {
  return [
    ...listLines('rules', named(before.rules), named(after.rules), {
      added: (name, { when, use }, place) => [
        `rule ${name} added in place ${place}, when ${show(when ?? {})} → ${useText(use)}`,
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
    }),
    ...change('default', useText(before.default), useText(after.default)),
    ...canaryLines(before.canary, after.canary, units),
    ...listLines('shadows', shadowsByName(before.shadow), shadowsByName(after.shadow), {
      added: (name, { percent }, place) => [`shadow ${name} at ${percent} % added in place ${place}`],
      removed: (name, { percent }) => [`shadow ${name} at ${percent} % removed`],
      changed: (name, one, other) => [
        ...change(`shadow ${name}`, `${one.percent} %`, `${other.percent} %`),
        ...drawLines(`shadow ${name}`, one, other, units),
      ],
    }),
    ...change('fallback', fallbackText(before.fallback), fallbackText(after.fallback)),
    ...byKey(entriesOf(before.limits), entriesOf(after.limits), {
      added: (key, value) => [`limits.${key} none → ${value}`],
      removed: (key, value) => [`limits.${key} ${value} → none`],
      changed: (key, one, other) => change(`limits.${key}`, String(one), String(other)),
    }),
  ]
}

function canaryLines(before: Canary | undefined, after: Canary | undefined, units: Units): string[] {
  if (before === undefined || after === undefined) {
    if (before !== undefined) return [`canary of ${before.of} to ${before.to} at ${before.percent} % removed`]
    return after === undefined ? [] : [`canary of ${after.of} to ${after.to} at ${after.percent} % added`]
  }
  return [
    ...change('canary of', before.of, after.of),
    ...change('canary to', before.to, after.to),
    ...change('canary', `${before.percent} %`, `${after.percent} %`),
    ...drawLines('canary', before, after, units),
  ]
}

function experimentLines(before: Experiment, after: Experiment, units: Units): string[] {
  return [
    ...listLines(
      'cells',
      named(before.cells),
      named(after.cells),
      {
        added: (name, { percent, use }, place) => [
          `cell ${name} added in place ${place}, ${percent} % → ${use}`,
        ],
        removed: (name, { percent, use }) => [`cell ${name} removed, was ${percent} % → ${use}`],
        changed: (name, one, other) => [
          ...change(`cell ${name}`, `${one.percent} %`, `${other.percent} %`),
          ...change(`cell ${name}: use`, one.use, other.use),
        ],
      },
      // Cells take consecutive ranges of buckets.
      '; units move between the cells',
    ),
    ...drawLines('', before, after, units),
  ]
}

/** A different salt or unit makes a different draw. */
function drawLines(
  what: string,
  before: { readonly salt: string; readonly unit?: string },
  after: { readonly salt: string; readonly unit?: string },
  units: Units,
): string[] {
  const line = (key: 'salt' | 'unit') => change(`${what} ${key}`.trim(), before[key], after[key])
  const isNew = () => units().some((unit) => (before.unit ?? unit) !== (after.unit ?? unit))
  const drawnAnew = '; all units get a new draw'
  return [
    ...line('salt').map((text) => text + drawnAnew),
    ...line('unit').map((text) => (isNew() ? text + drawnAnew : text)),
  ]
}

/** The lines about a list whose entries have names, and whose order counts. `moved` says what another order does. */
function listLines<T>(
  what: string,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  { added, removed, changed }: ListLines<T>,
  moved = '',
): string[] {
  const order = (entries: ReadonlyMap<string, T>, others: ReadonlyMap<string, T>) =>
    [...entries.keys()].filter((name) => others.has(name)).join(', ')
  const known = [...before].flatMap(([name, one]) =>
    after.has(name) ? changed(name, one, after.get(name)!) : removed(name, one),
  )
  const come = [...after].flatMap(([name, one], index) =>
    before.has(name) ? [] : added(name, one, index + 1),
  )
  const moves = change(`order of ${what}`, order(before, after), order(after, before))
  return [...known, ...come, ...moves.map((line) => line + moved)]
}

interface ListLines<T> extends Pick<Lines<T>, 'removed' | 'changed'> {
  /** `place` counts from 1. */
  added(key: string, value: T, place: number): string[]
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

function named<T extends { readonly name: string }>(all: readonly T[] = []): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.name, one]))
}

/** Several draws may shadow the same version. */
function shadowsByName(shadows: readonly Shadow[] = []): ReadonlyMap<string, Shadow> {
  const names = new Map<string, number>()
  return new Map(
    shadows.map((shadow) => {
      const count = (names.get(shadow.model) ?? 0) + 1
      names.set(shadow.model, count)
      return [count === 1 ? shadow.model : `${shadow.model} (${count})`, shadow]
    }),
  )
}
