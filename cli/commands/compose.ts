import { renderPlanLock } from '../../schema/composition/planLock'
import type { Config } from '../config/config'
import { type Graph, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { type GeneratedFile, writeGenerated } from '../process/generatedFile'

/** Writes the supergraph and the plan lock, or checks that they are up to date. */
export async function compose(config: Config, check: boolean): Promise<void> {
  const resolvers = await createAllResolvers(config, () => {
    throw new Error('Bug: resolvers ask for services while they are created')
  })
  const graph = loadGraph(config, resolvers)
  writeGenerated(composedFiles(config, graph), 'npx presage compose', check)
  for (const line of graph.report) console.log(line)
  for (const version of graph.repository.versions) {
    if (version.state === 'refused') console.log(`${version.key} is not ready: ${version.reason}`)
  }
  for (const { subgraph, coordinate, target } of graph.plan.fields) {
    const asked = target.kind === 'objective' ? target.objective : `model ${target.model}`
    console.log(`${subgraph}: ${coordinate} asks for ${asked}`)
  }
}

/** What composition leaves for reviewers and for other gateways. */
export function composedFiles(config: Config, graph: Graph): readonly GeneratedFile[] {
  return [
    { path: config.graph.supergraph, content: graph.supergraphSdl },
    { path: config.graph.planLock, content: renderPlanLock(graph.plan) },
  ]
}
