/**
 * `npm run bench:flow-control [-- --batches 100] [--rounds 3]`: what large batches cost over a network, where HTTP/2 makes a sender wait for
 * a round trip after each window. Batches of 512 rows of 1 KB, through proxies that add a round trip of 1 ms and of 5 ms, by each way
 * that a worker could be spoken to; models are left out. TCP's own start is that of the loopback interface, where it is short.
 */

import { wireTensor } from '../workers/protocol/wireTensor'
import { createGrpcClient } from '../workers/remote/grpcClient'
import { createHttpClient } from '../workers/remote/httpClient'
import type { InferenceClient } from '../workers/remote/inferenceClient'
import { readOptions, runCommand } from './command'
import { median } from './measure'
import { startNode } from './startProcess'

const roundTrips = [0, 1, 5]
const rows = 512
const rowItems = 256
/** Connections of the way that has several. */
const several = 4
const together = 8

interface Ports {
  readonly http: number
  readonly grpc: number
  readonly http2: number
}

const ways: Readonly<Record<string, (ports: Ports) => InferenceClient>> = {
  'gRPC, one connection': ({ grpc }) => createGrpcClient(`127.0.0.1:${grpc}`),
  [`gRPC, ${several} connections`]: ({ grpc }) =>
    inTurn(Array.from({ length: several }, () => createGrpcClient(`127.0.0.1:${grpc}`))),
  'gRPC, server with a window of 16 MiB': ({ http2 }) => createGrpcClient(`127.0.0.1:${http2}`),
  'HTTP, binary': ({ http }) => createHttpClient(`127.0.0.1:${http}`),
}

async function main(): Promise<void> {
  const { batches, rounds } = readOptions({ batches: 100, rounds: 3 })
  const server = await startNode('bench/flowServer', [])
  const ports: Ports = JSON.parse(server.url)
  const table: Record<string, Record<string, string>> = {}
  for (const roundTripMs of roundTrips) {
    const proxy =
      roundTripMs === 0
        ? undefined
        : await startNode('bench/delayingProxyProcess', [
            String(roundTripMs),
            ...[ports.http, ports.grpc, ports.http2].map(String),
          ])
    const [http, grpc, http2] = proxy ? JSON.parse(proxy.url) : [ports.http, ports.grpc, ports.http2]
    const clients = Object.entries(ways).map(([name, open]) => [name, open({ http, grpc, http2 })] as const)
    const httpClient = clients[clients.length - 1][1]
    // It then knows that the server takes binary tensors.
    await httpClient.serverMetadata(Date.now() + 10_000)
    const alone: Record<string, number[]> = {}
    const eight: Record<string, number[]> = {}
    for (let round = 0; round <= rounds; round++) {
      for (const [name, client] of clients) {
        const one = await time(client, batches, 1)
        const many = await time(client, batches, together)
        // The first warms the code.
        if (round === 0) continue
        alone[name] = [...(alone[name] ?? []), one]
        eight[name] = [...(eight[name] ?? []), many]
      }
    }
    for (const [name, client] of clients) {
      client.close()
      table[name] = {
        ...table[name],
        [`${roundTripMs} ms: a batch`]: `${median(alone[name]).toFixed(1)} ms`,
        [`${roundTripMs} ms: of ${together}`]: `${median(eight[name]).toFixed(1)} ms`,
      }
    }
    proxy?.stop()
  }
  server.stop()
  console.table(table)
}

/** Milliseconds for each batch, with so many at once. */
async function time(client: InferenceClient, batches: number, atOnce: number): Promise<number> {
  const input = wireTensor('x', {
    type: 'float32',
    dims: [rows, rowItems],
    data: new Float32Array(rows * rowItems),
  })
  const request = { model: 'm', version: '1', id: '', parameters: {}, inputs: [input], outputs: [] }
  let left = batches
  const began = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await client.infer(request, Date.now() + 60_000)
    }),
  )
  return (performance.now() - began) / batches
}

/** Spreads requests over clients. */
function inTurn(clients: readonly InferenceClient[]): InferenceClient {
  let next = 0
  return {
    ...clients[0],
    infer: (request, deadline) => clients[next++ % clients.length].infer(request, deadline),
    close: () => {
      for (const client of clients) client.close()
    },
  }
}

runCommand(main)
