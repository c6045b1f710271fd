/**
 * `node remoteClient.js PROTOCOL ADDRESS ROWS SECONDS`: a Node client of a model server and nothing else. Eight calls at a time ask for the ratings of
 * so many rows, by the protocol's client that remote shards use. Sends how many were answered, and the CPU seconds that it took itself.
 */

import { noParameters } from '../workers/protocol/parameters'
import { wireTensor } from '../workers/protocol/wireTensor'
import { createGrpcClient } from '../workers/remote/grpcClient'
import { createHttpClient } from '../workers/remote/httpClient'
import { rated } from './remoteShard'

export interface ClientLoad {
  readonly calls: number
  readonly cpuSeconds: number
}

async function main(): Promise<void> {
  const [protocol, address, rowsText, secondsText] = process.argv.slice(2)
  const rows = Number(rowsText)
  const client = protocol === 'grpc' ? createGrpcClient(address) : createHttpClient(address)
  await client.serverMetadata(Date.now() + 5_000)
  // Finds out whether the server has versions.
  await client.modelReady(rated.model, rated.version, Date.now() + 5_000)
  const ids = (first: number) => BigInt64Array.from({ length: rows }, (_, at) => BigInt(first + at))
  const call = (n: number) =>
    client.infer(
      {
        model: rated.model,
        version: rated.version,
        id: '',
        parameters: {},
        inputs: [
          wireTensor('member', { type: 'int64', dims: [rows], data: ids(1 + (n % 300)) }),
          wireTensor('title', { type: 'int64', dims: [rows], data: ids(1 + (n % 500)) }),
          wireTensor('content', {
            type: 'float32',
            dims: [rows, 20],
            data: new Float32Array(rows * 20).fill((n % 100) / 100),
          }),
        ],
        outputs: [{ name: 'rating', parameters: noParameters }],
      },
      Date.now() + 60_000,
    )
  let calls = 0
  const run = async (ms: number) => {
    const end = performance.now() + ms
    const one = async () => {
      while (performance.now() < end) await call(calls++)
    }
    await Promise.all(Array.from({ length: 8 }, one))
  }
  await run(500)
  process.send?.('warm')
  await new Promise((resolve) => process.once('message', resolve))
  calls = 0
  const before = process.cpuUsage()
  await run(Number(secondsText) * 1000)
  const { user, system } = process.cpuUsage(before)
  process.send?.({ calls, cpuSeconds: (user + system) / 1e6 } satisfies ClientLoad)
  client.close()
  process.disconnect()
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
