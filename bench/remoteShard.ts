import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../lib/packagePaths'
import { type BenchCase, cases } from './cases'
import { writeDeployment } from './deployment'
import { modelServerEnvironment } from './environments'
import { freePorts } from './freePorts'
import { type ModelServer, type ModelServerKind, startModelServer } from './modelServers'
import { type BenchServer, startPresage } from './servers'
import { startWorker } from './startWorker'

export type RemoteProtocol = 'http' | 'grpc'

/** A server of the ratings' model: `presage worker`, or a foreign one. */
export type RemoteKind = 'worker' | ModelServerKind

export const rated = {
  model: 'rating-predictor',
  version: '4',
  graph: join(packageRoot, 'examples/streaming/movielens/models/rating-predictor/4/model.onnx'),
}

/** Starts a server of the ratings' model. `folder` is made, and the caller's to remove. */
export async function startRemoteServer(kind: RemoteKind, folder: string): Promise<ModelServer> {
  if (kind !== 'worker') return startModelServer(modelServerEnvironment(), kind, rated)
  const [http, grpc] = await freePorts(2)
  const file = writeConfig(folder, 'http', `127.0.0.1:${http}`)
  const { pids, stop } = await startWorker(file, 'far', [http, grpc])
  return { ports: { http, grpc }, pids, stop }
}

/** Starts the example with the ratings on the shard of one such server. `folder` as above; its `pids` are its own. */
export function startBefore(
  { ports }: ModelServer,
  protocol: RemoteProtocol,
  folder: string,
): Promise<BenchServer> {
  return startPresage(packageRoot, writeConfig(folder, protocol, `127.0.0.1:${ports[protocol]}`))
}

/** The deployment of the example with the ratings on a shard of one server. */
function writeConfig(folder: string, protocol: RemoteProtocol, address: string): string {
  mkdirSync(folder)
  const deployment = writeDeployment(
    cases.find(({ name }) => name === 'titles-100') as BenchCase,
    packageRoot,
  )
  const config = parse(readFileSync(deployment, 'utf8'))
  const rules = parse(readFileSync(join(deployment, '../rules.yaml'), 'utf8'))
  const file = join(folder, 'presage.yaml')
  const shards = { main: {}, far: { endpoints: [address], protocol } }
  // A slow server is measured, not cut off.
  const server = { ...config.server, timeout: '30s' }
  writeFileSync(file, JSON.stringify({ ...config, server, shards }))
  writeFileSync(
    join(folder, 'rules.yaml'),
    JSON.stringify({ ...rules, placement: { '*': 'main', 'rating-predictor': 'far' } }),
  )
  rmSync(join(deployment, '..'), { recursive: true, force: true })
  return file
}
