import type { ClientOptions } from '@grpc/grpc-js'
import { compiledPath } from '../../lib/packagePaths'
import { type Grpc, loadGrpc } from '../../workers/protocol/grpc'
import { type NodeProcess, startNode } from './nodeProcess'

/** `presage worker` as users run it. */
export interface WorkerProcess extends NodeProcess {
  /** Of HTTP, without a path. */
  readonly url: string
  /** Of gRPC, host:port. */
  readonly address: string
}

export async function startWorkerProcess(
  config: string,
  {
    shard = 'main',
    httpPort = 0,
    grpcPort = 0,
  }: { readonly shard?: string; readonly httpPort?: number; readonly grpcPort?: number } = {},
): Promise<WorkerProcess> {
  const args = ['worker', '--shard', shard, '--http-port', String(httpPort), '--grpc-port', String(grpcPort)]
  const started = await startNode(
    [compiledPath('cli/presage'), '--config', config, ...args],
    /Presage serves shard (\S+ at \S+\/v2 and, over gRPC, at \S+)/,
  )
  const [, url, address] = /at (\S+)\/v2 and, over gRPC, at (\S+)/.exec(started.ready)!
  return { ...started, url, address }
}

/** Calls any method of the protocol's services over gRPC. */
export interface GrpcClient {
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by the test that asked for it
  call(method: string, request: object, options?: { deadlineMs?: number }): Promise<any>
  close(): void
}

export function grpcClient(
  address: string,
  service: keyof Pick<Grpc, 'inference' | 'health'> = 'inference',
  options: ClientOptions = {},
): GrpcClient {
  const grpc = loadGrpc()
  const Client = grpc.library.makeGenericClientConstructor(grpc[service], service)
  const client = new Client(address, grpc.library.credentials.createInsecure(), options)
  return {
    call: (method, request, { deadlineMs } = {}) =>
      new Promise((resolve, reject) => {
        const deadline = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
        client[method](request, deadline, (error: Error | null, answer: unknown) =>
          error === null ? resolve(answer) : reject(error),
        )
      }),
    close: () => client.close(),
  }
}
