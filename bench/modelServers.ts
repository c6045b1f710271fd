import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import { freePorts } from './freePorts'
import { type PythonServer, startPython } from './startPython'

/** A foreign server of the Open Inference Protocol that serves one graph. */
export interface ModelServer {
  readonly ports: { readonly http: number; readonly grpc: number }
  readonly pids: readonly number[]
  /** Kills it, with all processes that it has started. */
  stop(): void
}

export type ModelServerKind = 'mlserver' | 'kserve' | 'triton'

export interface ServedGraph {
  readonly model: string
  readonly version: string
  /** The ONNX file. */
  readonly graph: string
}

/** Starts it with a Python that has the packages of tests/interop/requirements.txt, and waits until it serves the graph. */
export async function startModelServer(
  python: string,
  kind: ModelServerKind,
  { model, version, graph }: ServedGraph,
): Promise<ModelServer> {
  const [http, grpc, metrics] = await freePorts(3)
  const folder = mkdtempSync(join(tmpdir(), `presage-${kind}-`))
  const script = join(packageRoot, `bench/peers/onnx_${kind}.py`)
  const server: PythonServer = {
    args: [script, model, version, graph, ...[http, grpc, metrics].map(String)],
    port: http,
    path: '',
    ready: `/v2/models/${model}/ready`,
    // Triton copies itself into the first.
    env: {
      PYTRITON_HOME: folder,
      TMPDIR: folder,
      // What is imported stays compiled in the environment.
      PYTHONDONTWRITEBYTECODE: '',
      PYTHONPYCACHEPREFIX: join(dirname(python), '../bytecode'),
    },
    folder,
  }
  const { pids, stop } = await startPython(python, kind, server)
  return { ports: { http, grpc }, pids, stop }
}
