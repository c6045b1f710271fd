import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import type { BenchCase } from './cases'
import { type PythonPeer, pythonEnvironment } from './environments'
import { freePorts } from './freePorts'
import type { Protocol } from './protocol'
import type { Started } from './startProcess'
import { startPython } from './startPython'

const scripts = join(packageRoot, 'bench/peers')

/** FastAPI on uvicorn, one process. */
export function startFastApi(benchCase: BenchCase): Promise<Started> {
  return startScript('fastapi', benchCase, '/', '/openapi.json')
}

export function startLitServe(benchCase: BenchCase): Promise<Started> {
  return startScript('litserve', benchCase, '/predict', '/health')
}

export async function startBentoMl(benchCase: BenchCase): Promise<Started & { protocol: Protocol }> {
  const [port] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-bentoml-'))
  const [root, endpoint, version] = questionOf(benchCase)
  const started = await startPython(pythonEnvironment('bentoml'), 'bentoml', {
    args: [
      ...['-m', 'bentoml', 'serve', 'bentoml_service:Question', '--working-dir', scripts],
      ...['--host', '127.0.0.1', '--port', String(port)],
    ],
    env: {
      BENTOML_HOME: folder,
      BENTOML_DO_NOT_TRACK: 'True',
      PEER_ROOT: root,
      PEER_ENDPOINT: endpoint,
      PEER_VERSION: version,
    },
    port,
    path: '/predict',
    ready: '/readyz',
    folder,
  })
  return {
    ...started,
    protocol: {
      body: (variables) => JSON.stringify({ pages: [variables] }),
      read: (answer) => ({ data: (answer as readonly unknown[])[0] }),
    },
  }
}

/** MLServer, asked by the Open Inference Protocol. */
export async function startMlServer(benchCase: BenchCase): Promise<Started & { protocol: Protocol }> {
  const [http, grpc, metrics] = await freePorts(3)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-mlserver-'))
  const [root, endpoint, version] = questionOf(benchCase)
  const settings = {
    host: '127.0.0.1',
    http_port: http,
    grpc_port: grpc,
    metrics_port: metrics,
    metrics_dir: folder,
    parallel_workers: 1,
    debug: false,
  }
  const model = {
    name: 'question',
    implementation: 'mlserver_model.Question',
    max_batch_size: 16,
    max_batch_time: 0.001,
    parameters: { extra: { root, endpoint, version } },
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'model-settings.json'), JSON.stringify(model))
  const started = await startPython(pythonEnvironment('mlserver'), 'mlserver', {
    args: ['-m', 'mlserver.cli.main', 'start', folder],
    env: { PYTHONPATH: scripts },
    port: http,
    path: '/v2/models/question/infer',
    ready: '/v2/models/question/ready',
    folder,
  })
  return { ...started, protocol: openInference(endpoint) }
}

/** The question's variables as tensors of one row. */
function openInference(endpoint: string): Protocol {
  return {
    body: (variables) =>
      JSON.stringify({
        inputs: Object.entries(variables).map(([name, value]) => {
          return { name, shape: [1], datatype: typeof value === 'string' ? 'BYTES' : 'INT32', data: [value] }
        }),
      }),
    read(answer) {
      const { outputs } = answer as { outputs: readonly { data: readonly number[] }[] }
      const [ids, values] = outputs.map(({ data }) => data)
      const rows = ids.map((id, at) => {
        const value = values[at]
        return endpoint === 'messages'
          ? { id: String(id), abuse: { probability: value } }
          : { id: String(id), predictedRating: value }
      })
      return { data: { [endpoint]: rows } }
    },
  }
}

/** Root, endpoint and version, as the peers' scripts take them. */
function questionOf({ endpoint, models }: BenchCase): readonly [string, string, string] {
  return [packageRoot, endpoint, models[0].model.split('@')[1]]
}

/** A script of `bench/peers` that takes its port and the question as arguments. */
async function startScript(
  peer: PythonPeer,
  benchCase: BenchCase,
  path: string,
  ready: string,
): Promise<Started> {
  const [port] = await freePorts(1)
  const args = [join(scripts, `${peer}_server.py`), String(port), ...questionOf(benchCase)]
  return startPython(pythonEnvironment(peer), peer, { args, port, path, ready })
}
