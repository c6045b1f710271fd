import { isMap } from '../isMap'

/** How a client asks why its predictions are what they are. */
export const explainHeader = 'x-presage-explain'

/** What is told of a prediction: plain JSON. The same object for all rows of which the same is told. */
export type ExplainFacts = Readonly<Record<string, unknown>>

/** Keys from the root of an answer. */
export type ExplainPath = readonly (string | number)[]

/** What is told of some rows at one place of an answer. */
export interface ExplainEntry extends ExplainFacts {
  /** With dots between; `*` stands for an index in which the rows differ. */
  readonly path: string
  readonly rows: number
}

/** What stands in an answer under `extensions.presage`. */
export interface ExplainReport {
  readonly predictions: readonly ExplainEntry[]
  /** How many entries more there would have been. */
  readonly leftOut?: number
}

/** What one process tells another: each row as the number of its facts and its path. */
export interface ExplainRows {
  readonly facts: readonly ExplainFacts[]
  readonly rows: readonly (readonly (string | number)[])[]
}

const maxEntries = 100

/** Collects, row by row, what is told of the predictions of an operation or of a part of it. Made only for who asked. */
export class Explain {
  private readonly paths: ExplainPath[] = []
  private readonly facts: ExplainFacts[] = []

  /** Takes one row: where its prediction stands, and what is told of it. */
  add(path: ExplainPath, facts: ExplainFacts): void {
    this.paths.push(path)
    this.facts.push(facts)
  }

  /** Takes the rows of a part whose paths begin elsewhere; `placesOf` tells where in this operation a row stands. */
  addPart(part: Explain, placesOf: (path: ExplainPath) => readonly ExplainPath[]): void {
    for (let row = 0; row < part.paths.length; row++)
      for (const place of placesOf(part.paths[row])) this.add(place, part.facts[row])
  }

  /** Row by row, for the process that has asked for a part of its operation. */
  rows(): ExplainRows {
    const facts = [...new Set(this.facts)]
    const numbers = new Map(facts.map((one, number) => [one, number]))
    return { facts, rows: this.paths.map((path, row) => [numbers.get(this.facts[row])!, ...path]) }
  }

  /** Takes what another process has told. What is not of that shape is passed over: an answer is worth more than its explanation. */
  addRows(told: unknown): void {
    if (!isMap(told) || !Array.isArray(told.facts) || !Array.isArray(told.rows)) return
    for (const row of told.rows as readonly unknown[]) {
      if (!Array.isArray(row)) continue
      const [number, ...path] = row as readonly unknown[]
      const facts = told.facts[number as number] as unknown
      if (isMap(facts) && path.every(isKey)) this.add(path as ExplainPath, facts)
    }
  }

  /**
   * Rows at one place of the operation of which the same is told are one entry. In the order of their first rows' places,
   * whoever was answered first.
   */
  report(): ExplainReport {
    const told = new Map<ExplainFacts, string>()
    const entries = new Map<string, Gathered>()
    for (let row = 0; row < this.paths.length; row++) {
      const path = this.paths[row]
      const facts = this.facts[row]
      let text = told.get(facts)
      if (text === undefined) {
        text = JSON.stringify(facts)
        told.set(facts, text)
      }
      const key = `${path.map(withoutIndex).join('.')} ${text}`
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
        // What another process calls a fact must not hide what is known here.
        .map(({ facts, path, rows }) =>
          Object.assign({ path: '', rows }, facts, { path: path.join('.'), rows }),
        ),
      ...(all.length > maxEntries && { leftOut: all.length - maxEntries }),
    }
  }
}

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

function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function withoutIndex(key: string | number): string {
  return typeof key === 'number' ? '*' : key
}
