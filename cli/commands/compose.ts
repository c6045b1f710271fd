import { existsSync } from 'node:fs'
import { shortPath } from '../../lib/packagePaths'
import { renderPlanLock } from '../../schema/composition/planLock'
import { loadRemoteSchemas } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { fetchRemoteSchemas } from '../graph/fetchRemoteSchemas'
import { type Graph, loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { notReady } from '../modelCommands/read/repositories'
import { type GeneratedFile, type Written, writeGenerated, writtenLines } from '../process/generatedFile'
import { type JsonOption, printResult } from '../terminal/printResult'
import { table } from '../terminal/table'

export interface ComposeOptions extends JsonOption {
  readonly check?: boolean
  readonly refresh?: boolean
}

/**
 * Writes the supergraph and the plan lock, or checks that they are up to date. First fetches the schemas of subgraphs
 * with a `subgraph_url` that are missing or that are to be fetched again.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<void> {
  const { check = false, refresh = false } = options
  const remote = await writeRemoteSchemas(config, check, refresh)
  const graph = await loadGraphWith(config, remote.files)
  const composed = writeGenerated(composedFiles(config, graph), 'npx presage compose', check)
  const files = {
    written: [...remote.files.written, ...composed.written],
    upToDate: [...remote.files.upToDate, ...composed.upToDate],
  }
  const refused = graph.repository.versions.flatMap((version) =>
    version.state === 'refused' ? [{ version: version.key, problems: version.problems }] : [],
  )
  const fields = graph.plan.fields.map(({ subgraph, coordinate, target }) => {
    const asksFor = target.kind === 'objective' ? target.objective : `model ${target.model}`
    return { subgraph, field: coordinate, asksFor }
  })
  const text = [
    ...remote.notes,
    ...writtenLines(files),
    ...graph.report,
    ...refused.flatMap(({ version: key, problems }) => notReady({ key, problems })),
    ...(fields.length === 0 ? [] : [fieldTable(fields)]),
  ].join('\n')
  printResult({ text, value: { ...files, report: graph.report, refused, fields } }, options)
}

/** If the graph is wrong, the schemas that were fetched for it have been written all the same. */
async function loadGraphWith(config: Config, fetched: Written): Promise<Graph> {
  try {
    return loadGraph(config, await createAllResolvers(config))
  } catch (error) {
    for (const line of writtenLines({ ...fetched, upToDate: [] })) console.error(line)
    throw error
  }
}

function fieldTable(
  fields: readonly { readonly subgraph: string; readonly field: string; readonly asksFor: string }[],
): string {
  const rows = fields.map(({ subgraph, field, asksFor }) => [subgraph, field, asksFor])
  return table([['subgraph', 'field', 'asks for'], ...rows])
}

/** With `check` alone nothing is fetched: reading the schemas reports what is missing. */
async function writeRemoteSchemas(
  config: Config,
  check: boolean,
  refresh: boolean,
): Promise<{ readonly files: Written; readonly notes: readonly string[] }> {
  const remotes = loadRemoteSchemas(config.graph.subgraphs)
  const wanted = refresh ? remotes : remotes.filter(({ file }) => !check && !existsSync(file))
  const files = writeGenerated(await fetchRemoteSchemas(wanted), 'npx presage compose --refresh', check)
  const notes = remotes
    .filter(({ name }) => !wanted.some((one) => one.name === name))
    .map(({ name, file }) => {
      return `${name}: composed from ${shortPath(file)}; presage compose --refresh fetches it again`
    })
  return { files, notes }
}

/** The files that composition writes for reviewers and for other gateways. */
export function composedFiles(config: Config, graph: Graph): readonly GeneratedFile[] {
  return [
    { key: 'graph.supergraph', path: config.graph.supergraph, content: graph.supergraphSdl },
    { key: 'graph.planLock', path: config.graph.planLock, content: renderPlanLock(graph.plan) },
  ]
}
