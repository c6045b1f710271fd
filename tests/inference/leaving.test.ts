import { once } from 'node:events'
import { connect } from 'node:net'
import { startGrpcServer } from '../../inference/grpc/grpcServer'
import { startInferenceHttp } from '../../inference/http/httpServer'
import type { InferenceService } from '../../inference/inferenceService'
import { systemClock } from '../../lib/clock'
import type { Caller } from '../../lib/request/caller'
import { FakeClock } from '../support/fakeClock'
import { until } from '../support/until'
import { grpcClient } from '../support/workerProcess'

/** A service that never answers, and what it was asked. */
function silentService() {
  const asked: { caller: Caller; deadline: number }[] = []
  const service = {
    infer(_: unknown, deadline: number, caller: Caller) {
      asked.push({ caller, deadline })
      return new Promise(() => {})
    },
  } as unknown as InferenceService
  return { asked, service }
}

const common = {
  inFlight: { count: 0, isTrusted: () => false },
  clock: systemClock,
  host: '127.0.0.1',
  port: 0,
  maxBodyBytes: 1_000,
  log: () => {},
}
/** More than the buffers of a connection take. */
const output = { name: 'y', datatype: 'UINT8', shape: [1], parameters: {}, data: Buffer.alloc(50_000_000) }
const request = { model: 'm', version: '', id: '', parameters: {}, inputs: [], outputs: [] }

describe('a client that does not wait any more', () => {
  it('over HTTP: its caller has gone, so that its rows leave the queue', async () => {
    const { asked, service } = silentService()
    const server = await startInferenceHttp({ ...common, service, pages: new Map() })
    const leaving = new AbortController()
    const answer = fetch(`${server.url}/v2/models/m/infer`, {
      method: 'POST',
      body: '{"inputs":[]}',
      signal: leaving.signal,
    })
    await until(() => asked.length === 1)
    expect(asked[0].caller.isAborted).toBe(false)
    leaving.abort()
    await expect(answer).rejects.toThrow('aborted')
    await until(() => asked[0].caller.isAborted)
    await server.close(0)
  })

  it('over gRPC: the same when its deadline is over, which the queue knows as well', async () => {
    const { asked, service } = silentService()
    const server = await startGrpcServer({ ...common, service })
    const client = grpcClient(`127.0.0.1:${server.port}`)
    const patient = client.call('ModelInfer', request, { deadlineMs: 60_000 }).catch(() => {})
    await until(() => asked.length === 1)
    const left = asked[0].deadline - systemClock.now()
    expect(left).toBeGreaterThan(30_000)
    expect(left).toBeLessThanOrEqual(60_000)
    // One whose time is over before it comes is not begun.
    while (asked.length === 1)
      await expect(client.call('ModelInfer', request, { deadlineMs: 300 })).rejects.toMatchObject({ code: 4 })
    await until(() => asked[1].caller.isAborted)
    expect(asked[0].caller.isAborted).toBe(false)
    client.close()
    await server.close(0)
    await patient
  })

  it('over HTTP, with the parameter timeout: the deadline counts from its arrival', async () => {
    const { asked, service } = silentService()
    const server = await startInferenceHttp({ ...common, service, pages: new Map() })
    const leaving = new AbortController()
    fetch(`${server.url}/v2/models/m/infer`, {
      method: 'POST',
      body: '{"parameters":{"timeout":60000000},"inputs":[]}',
      signal: leaving.signal,
    }).catch(() => {})
    await until(() => asked.length === 1)
    const left = asked[0].deadline - systemClock.now()
    expect(left).toBeGreaterThan(30_000)
    expect(left).toBeLessThanOrEqual(60_000)
    leaving.abort()
    await server.close(0)
  })
})

it('a client that does not read its answer over HTTP is disconnected in time', async () => {
  const clock = new FakeClock()
  const infer = async () => ({ ...request, outputs: [output] })
  const service = { infer, load: { text: '' } } as unknown as InferenceService
  const server = await startInferenceHttp({ ...common, clock, service, pages: new Map() })
  const client = connect(server.port, '127.0.0.1')
  client.on('error', () => {})
  await once(client, 'connect')
  const body = '{"inputs":[],"parameters":{"binary_data_output":true}}'
  client.write(`POST /v2/models/m/infer HTTP/1.1\r\nhost: m\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  // Not before the connection has its answer.
  await until(() => clock.pending === 1)
  client.pause()
  clock.advance(29_999)
  expect(clock.pending).toBe(1)
  clock.advance(1)
  await server.close(60_000)
  client.destroy()
})
