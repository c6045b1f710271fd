import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { type BenchCase, cases, modelsOf } from './cases'
import { gatewayEnvironment } from './environments'
import { naiveSchemas } from './peers/naiveSchemas'
import { subgraphSdl } from './peers/subgraphSdl'
import { naiveSubgraphs } from './peers/wholeSchema'
import { startOverSplit } from './split'
import { type Started, startNode } from './startProcess'

/** Stock @apollo/gateway in front of naive subgraphs, each a process. */
export function startStockGateway(benchCase: BenchCase): Promise<Started> {
  return startFederation(benchCase, stockGateway)
}

/** Hive Gateway's runtime in front of the same. */
export function startHiveGateway(benchCase: BenchCase): Promise<Started> {
  return startFederation(benchCase, hiveGateway)
}

/** Stock @apollo/gateway in front of Presage's own subgraphs, each a process. */
export function startStockOverSplit(benchCase: BenchCase): Promise<Started> {
  return startOverSplit(benchCase, stockGateway)
}

/** Hive Gateway's runtime in front of the same. */
export function startHiveOverSplit(benchCase: BenchCase): Promise<Started> {
  return startOverSplit(benchCase, hiveGateway)
}

function stockGateway(supergraphFile: string): Promise<Started> {
  return startNode('bench/peers/stockGateway', [gatewayEnvironment(), supergraphFile])
}

function hiveGateway(supergraphFile: string): Promise<Started> {
  return startNode('bench/peers/hiveGateway', [supergraphFile])
}

async function startFederation(
  benchCase: BenchCase,
  startGateway: (supergraphFile: string) => Promise<Started>,
): Promise<Started> {
  const names = naiveSubgraphs[benchCase.endpoint]
  const number = String(cases.indexOf(benchCase))
  const subgraphs = await Promise.all(
    names.map((name) => startNode('bench/peers/naiveApollo', [number, name])),
  )
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-supergraph-'))
  const file = join(folder, 'supergraph.graphql')
  writeFileSync(file, await supergraphOf(benchCase, names, subgraphs))
  const gateway = await startGateway(file)
  rmSync(folder, { recursive: true })
  return {
    url: gateway.url,
    pids: [gateway, ...subgraphs].flatMap(({ pids }) => pids),
    stop: () => {
      for (const server of [gateway, ...subgraphs]) server.stop()
    },
  }
}

async function supergraphOf(
  benchCase: BenchCase,
  names: readonly string[],
  subgraphs: readonly Started[],
): Promise<string> {
  const services = names.map(async (name, at) => {
    const { typeDefs } = await naiveSchemas[name](modelsOf(benchCase))
    return { name, url: subgraphs[at].url, typeDefs: parse(subgraphSdl(typeDefs)) }
  })
  const composed = composeServices(await Promise.all(services))
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors.map(String).join('\n'))
  return composed.supergraphSdl
}
