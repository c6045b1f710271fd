import { buildGraph } from './buildGraph'
import type { Graph, GraphSource } from './graph'
import { library } from './library'
import { streaming } from './streaming'
import { warehouse } from './warehouse'

const sources: readonly GraphSource[] = [library, warehouse, streaming]

export const graphNames: readonly string[] = sources.map(({ name }) => name)

/** Throws for a name that is none. */
export function graphNamed(name: string): Graph {
  const source = sources.find((it) => it.name === name)
  if (source === undefined) throw new Error(`graph: must be one of ${graphNames.join(', ')}, got ${name}`)
  return buildGraph(source)
}
