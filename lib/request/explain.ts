import { isMap } from '../isMap'
import { memoized } from '../memoized'

/** With this header a client asks for explanations of its predictions. */
export const explainHeader = 'x-presage-explain'

/** The explanation of a prediction, as plain JSON. Rows with the same explanation share the object. */
export type ExplainFacts = Readonly<Record<string, unknown>>

/** Keys from the root of an answer. */
export type ExplainPath = readonly (string | number)[]

/** The explanation of some rows at one place of an answer. */
export interface ExplainEntry extends ExplainFacts {
  /** Joined by dots; `*` stands for an index in which the rows differ. */
  readonly path: string
  readonly rows: number
}

/** The content of `extensions.presage` in an answer. */
export interface ExplainReport {
  readonly predictions: readonly ExplainEntry[]
  /** How many further entries were left out. */
  readonly leftOut?: number
  /** Objectives that overrides name and nothing in the answer was decided for. */
  readonly unusedOverrides?: readonly string[]
}

/** The content of `extensions.presage` in an answer whose client sent overrides and asked for no explanations. */
export interface OverrideReport {
  /** Overrides that were not taken, and why. */
  readonly ignoredOverrides?: readonly ExplainFacts[]
  readonly unusedOverrides?: readonly string[]
}

/** The form between processes: each row as the number of its facts, followed by its path. */
export interface ExplainRows {
  readonly facts: readonly ExplainFacts[]
  readonly rows: readonly (readonly (string | number)[])[]
}

const maxEntries = 100

/**
 * Collects the explanations of an operation's predictions, row by row. Created only for clients that ask for them, and, with
 * `ofOverrides`, for those that send overrides: they are told of those that were not taken, and of nothing else.
 */
export class Explain {
  private readonly paths: ExplainPath[] = []
  private readonly facts: ExplainFacts[] = []

  constructor(private readonly ofOverrides = false) {}

  /** The `extensions` of the client's answer, from all that was collected in `told`; undefined if there is nothing to tell. */
  extensions(told: Explain, overrides: ReadonlyMap<string, string> = noOverrides): object | undefined {
    const report = this.ofOverrides ? told.overrideReport(overrides) : told.report(overrides)
    return Object.keys(report).length === 0 ? undefined : { presage: report }
  }

  /** Adds one row: the path of its prediction, and its explanation. */
  add(path: ExplainPath, facts: ExplainFacts): void {
    this.paths.push(path)
    this.facts.push(facts)
  }

  /**
   * Adds the rows of a part whose paths have another root; `placesOf` maps each path to its paths in this operation.
   */
  addPart(part: Explain, placesOf: (path: ExplainPath) => readonly ExplainPath[]): void {
    for (let row = 0; row < part.paths.length; row++)
      for (const place of placesOf(part.paths[row])) this.add(place, part.facts[row])
  }

  /** All rows, for the process that asked for a part of its operation. */
  rows(): ExplainRows {
    const facts = [...new Set(this.facts)]
    const numbers = new Map(facts.map((one, number) => [one, number]))
    return { facts, rows: this.paths.map((path, row) => [numbers.get(this.facts[row])!, ...path]) }
  }

  /**
   * Adds rows from another process. Rows of any other shape are ignored: the answer matters more than its explanation.
   */
  addRows(told: unknown): void {
    if (!isMap(told) || !Array.isArray(told.facts) || !Array.isArray(told.rows)) return
    for (const row of told.rows as readonly unknown[]) {
      if (!Array.isArray(row)) continue
      const [number, ...path] = row as readonly unknown[]
      const facts = told.facts[number as number] as unknown
      if (isMap(facts) && path.every((key) => typeof key === 'string' || typeof key === 'number'))
        this.add(path as ExplainPath, facts)
    }
  }

  /** Groups rows of one place with the same explanation, by their first paths. `overrides` are the request's. */
  report(overrides: ReadonlyMap<string, string> = noOverrides): ExplainReport {
    const textOf = memoized((facts: ExplainFacts) => JSON.stringify(facts))
    const entries = new Map<string, Gathered>()
    for (let row = 0; row < this.paths.length; row++) {
      const path = this.paths[row]
      const facts = this.facts[row]
      const place = path.map((key) => (typeof key === 'number' ? '*' : key)).join('.')
      const key = `${place} ${textOf(facts)}`
      const entry = entries.get(key)
      if (entry === undefined) {
        entries.set(key, { facts, first: path, path: [...path], rows: 1 })
        continue
      }
      entry.rows++
      for (let at = 0; at < path.length; at++) if (entry.path[at] !== path[at]) entry.path[at] = '*'
    }
    const all = [...entries.values()].sort((one, other) => comparePaths(one.first, other.first))
    return {
      predictions: all
        .slice(0, maxEntries)
        // `path` and `rows` are assigned last, so that facts of another process cannot override them.
        .map(({ facts, path, rows }) =>
          Object.assign({ path: '', rows }, facts, { path: path.join('.'), rows }),
        ),
      ...(all.length > maxEntries && { leftOut: all.length - maxEntries }),
      ...this.unused(overrides),
    }
  }

  private overrideReport(overrides: ReadonlyMap<string, string>): OverrideReport {
    const ignored = new Map<unknown, ExplainFacts>()
    for (const { objective, ignoredOverride } of this.facts)
      if (isMap(ignoredOverride)) ignored.set(objective, { objective, ...ignoredOverride })
    return {
      ...(ignored.size > 0 && { ignoredOverrides: [...ignored.values()] }),
      ...this.unused(overrides),
    }
  }

  private unused(overrides: ReadonlyMap<string, string>): Pick<ExplainReport, 'unusedOverrides'> {
    if (overrides.size === 0) return {}
    const objectives = new Set(this.facts.map(({ objective }) => objective))
    const unused = [...overrides.keys()].filter((objective) => !objectives.has(objective))
    return unused.length > 0 ? { unusedOverrides: unused } : {}
  }
}

const noOverrides: ReadonlyMap<string, string> = new Map()

interface Gathered {
  readonly facts: ExplainFacts
  readonly first: ExplainPath
  readonly path: (string | number)[]
  rows: number
}

function comparePaths(one: ExplainPath, other: ExplainPath): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const [a, b] = [one[at], other[at]]
    if (a === b) continue
    if (typeof a === 'number' && typeof b === 'number') return a - b
    return String(a) < String(b) ? -1 : 1
  }
  return one.length - other.length
}
