import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { systemClock } from '../../../lib/clock'
import { AbortableCaller } from '../../../lib/request/caller'
import type { TraceContext } from '../../../lib/request/traceContext'
import { loadGrpc } from '../../../workers/protocol/grpc'
import { encodeInferResponse } from '../../../workers/protocol/inferResponse'
import { noParameters } from '../../../workers/protocol/parameters'
import { createGrpcClient } from '../../../workers/remote/grpcClient'
import { createShard } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { untilJoined } from '../../support/dialling'
import { startGraphServer } from '../../support/graphServer'
import { paymentRiskModel } from '../../support/paymentRiskModel'

const traces = [1, 2].map(
  (digit): TraceContext => ({
    traceparent: `00-${String(digit).repeat(32)}-${String(digit).repeat(16)}-01`,
    tracestate: `vendor=${digit}`,
  }),
)

class TracedCaller extends AbortableCaller {
  constructor(readonly trace: TraceContext | undefined) {
    super()
  }
}

const key = 'payment-risk@1'
const model = paymentRiskModel()

it('a batch of several requests belongs to the trace of the first one that has any, over HTTP', async () => {
  const calls: unknown[] = []
  const note = (message: unknown) => {
    const { url, headers } = (message as { request: IncomingMessage }).request
    if (url?.endsWith('/infer')) calls.push([headers['traceparent'], headers['tracestate']])
  }
  subscribe('http.server.request.start', note)
  const server = await startGraphServer()
  server.put(key, paymentRisk)
  const shard = await createShard({
    name: 'far',
    kind: 'thread',
    workers: 1,
    remote: { endpoints: [server.addresses.http] },
  })
  try {
    await untilJoined(shard)
    await shard.load(key, paymentRisk)
    shard.serve(model)
    await shard.remote?.verify(model, async () => {})
    const submit = (trace: TraceContext | undefined) =>
      shard.submit(key, [[0]], 1, {
        deadline: systemClock.now() + 30_000,
        caller: new TracedCaller(trace),
      })
    const [[segment]] = await Promise.all([undefined, traces[1], traces[0]].map(submit))
    expect(segment).toMatchObject({ run: { rows: 3 } })
    await submit(undefined)
    expect(calls).toEqual([
      [traces[1].traceparent, traces[1].tracestate],
      [undefined, undefined],
    ])
  } finally {
    unsubscribe('http.server.request.start', note)
    await shard.dispose()
    await server.close()
  }
})

it('it goes along in the metadata, over gRPC', async () => {
  const { library, inference } = loadGrpc()
  const calls: unknown[] = []
  const server = new library.Server()
  const answer = { model: 'm', version: '1', id: '', parameters: noParameters, outputs: [] }
  server.addService(
    { ModelInfer: inference['ModelInfer'] },
    {
      ModelInfer(call: { metadata: { getMap(): object } }, done: (error: null, bytes: Buffer) => void) {
        calls.push(call.metadata.getMap())
        done(null, encodeInferResponse(answer, true))
      },
    },
  )
  const port = await new Promise<number>((resolve) => {
    server.bindAsync('127.0.0.1:0', library.ServerCredentials.createInsecure(), (_, bound) => resolve(bound))
  })
  const client = createGrpcClient(`127.0.0.1:${port}`)
  const request = { model: 'm', version: '1', id: '', parameters: noParameters, inputs: [], outputs: [] }
  await client.infer(request, Date.now() + 30_000, traces[0])
  await client.infer(request, Date.now() + 30_000)
  expect(calls[0]).toMatchObject(traces[0])
  expect(calls[1]).not.toHaveProperty('traceparent')
  client.close()
  server.forceShutdown()
})
