import { packageVersion } from '../../lib/packagePaths'
import { coloursFor, type Screen } from './colours'

/** What a process prints in a terminal once it serves. */
export interface ReadyReport {
  /** What it serves: `Presage`, or the name of a subgraph. */
  readonly title: string
  /** Milliseconds since the process started. */
  readonly afterMs: number
  /** Names with URLs, with a few words after them if needed. */
  readonly places: readonly Fact[]
  /** The parts of the deployment: a name and a few words. */
  readonly parts: readonly Fact[]
  readonly notes: readonly string[]
}

export type Fact = readonly [name: string, text: string]

/** Formats the report as a block with blank lines around it. */
export function readyBlock({ title, afterMs, places, parts, notes }: ReadyReport, screen: Screen): string {
  const { bold, cyan, dim, green } = coloursFor(screen)
  const width = Math.max(...[...places, ...parts].map(([name]) => name.length))
  const facts = (all: readonly Fact[], paint: (text: string) => string) =>
    all.map(([name, text]) => `  ${dim(name.padEnd(width))}  ${paint(text)}`)
  const address = (text: string) => text.replace(/^\S+/, (url) => cyan(url))
  const groups = [
    [`  ${green(bold(title))} ${dim(`${packageVersion()} is ready after ${(afterMs / 1000).toFixed(1)} s`)}`],
    facts(places, address),
    facts(parts, String),
    notes.map((note) => `  ${dim(note)}`),
  ]
  const filled = groups.filter((group) => group.length > 0).map((group) => group.join('\n'))
  return `\n${filled.join('\n\n')}\n`
}
