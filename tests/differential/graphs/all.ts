import { buildGraph } from './buildGraph'
import { example } from './example/example'
import type { Graph, GraphSource } from './graph'
import { library } from './library'
import { randomGraph } from './random/random'
import { streaming } from './streaming'
import { warehouse } from './warehouse'

/** A graph that is not built yet. */
interface GraphEntry {
  readonly name: string
  /** By their names; unless said, all. */
  readonly targets?: readonly string[]
  start(): Promise<Graph>
}

const entries: readonly GraphEntry[] = [built(library), built(warehouse), built(streaming), example]

export const graphNames: readonly string[] = entries.map(({ name }) => name)

/** `random:SEED` is a graph made by chance. Throws for a name that is none. */
export async function startGraph(name: string): Promise<Graph> {
  return entryOf(name).start()
}

/** Whether a target can be asked a graph. Throws for a name of a graph that is none. */
export function isAskedOf(graph: string, target: string): boolean {
  return entryOf(graph).targets?.includes(target) ?? true
}

function built(source: GraphSource): GraphEntry {
  return { name: source.name, start: async () => buildGraph(source) }
}

function entryOf(name: string): GraphEntry {
  const [, seed] = /^random:([0-9]+)$/.exec(name) ?? []
  if (seed !== undefined) return built(randomGraph(Number(seed)))
  const entry = entries.find((it) => it.name === name)
  if (entry === undefined)
    throw new Error(`graph: must be one of ${graphNames.join(', ')}, random:SEED, got ${name}`)
  return entry
}
