import { existsSync } from 'node:fs'
import { shortPath } from '../../lib/packagePaths'
import { renderPlanLock } from '../../schema/composition/planLock'
import { loadRemoteSchemas } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { fetchRemoteSchemas } from '../graph/fetchRemoteSchemas'
import { type Graph, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { type GeneratedFile, writeGenerated } from '../process/generatedFile'

/**
 * Writes the supergraph and the plan lock, or checks that they are up to date. First the schemas of subgraphs with a `subgraph_url`,
 * where they were not fetched yet or are to be fetched again.
 */
export async function compose(config: Config, check: boolean, refresh = false): Promise<void> {
  await writeRemoteSchemas(config, check, refresh)
  const graph = loadGraph(config, await createAllResolvers(config))
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

/** With `check` alone nothing is fetched: what is missing is told when the schemas are read. */
async function writeRemoteSchemas(config: Config, check: boolean, refresh: boolean): Promise<void> {
  const remotes = loadRemoteSchemas(config.graph.subgraphs)
  const wanted = refresh ? remotes : remotes.filter(({ file }) => !check && !existsSync(file))
  writeGenerated(await fetchRemoteSchemas(wanted), 'npx presage compose --refresh', check)
  for (const { name, file } of remotes) {
    if (!wanted.some((one) => one.name === name))
      console.log(`${name}: composed from ${shortPath(file)}; presage compose --refresh fetches it again`)
  }
}

/** What composition leaves for reviewers and for other gateways. */
export function composedFiles(config: Config, graph: Graph): readonly GeneratedFile[] {
  return [
    { path: config.graph.supergraph, content: graph.supergraphSdl },
    { path: config.graph.planLock, content: renderPlanLock(graph.plan) },
  ]
}
