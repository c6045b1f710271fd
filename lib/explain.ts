import type { ClientRequest } from './clientRequest'

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

  /** Rows at one place of the operation of which the same is told are one entry; in the order of their first rows. */
  report(): ExplainReport {
    const told = new Map<ExplainFacts, string>()
    const entries = new Map<string, { facts: ExplainFacts; path: (string | number)[]; rows: number }>()
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
        entries.set(key, { facts, path: [...path], rows: 1 })
        continue
      }
      entry.rows++
      for (let at = 0; at < path.length; at++) if (entry.path[at] !== path[at]) entry.path[at] = '*'
    }
    const all = [...entries.values()]
    return {
      predictions: all
        .slice(0, maxEntries)
        .map(({ facts, path, rows }) => ({ path: path.join('.'), rows, ...facts })),
      ...(all.length > maxEntries && { leftOut: all.length - maxEntries }),
    }
  }
}

/** The same request, but what is told of its predictions goes to `explain`. It shares all else with the first, later too. */
export function explainedIn(request: ClientRequest, explain: Explain): ClientRequest {
  return Object.create(request, { explain: { value: explain } }) as ClientRequest
}

function withoutIndex(key: string | number): string {
  return typeof key === 'number' ? '*' : key
}
