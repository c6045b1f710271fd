import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RemoteWorker } from '../../../workers/remote/remoteWorker'
import { paymentRisk } from '../../contracts/worker'
import { dial } from '../../support/dialling'

/** As KServe's Python server: no versions, tensors in JSON alone, and 503 for a model that it cannot load. */
describe('a server that knows no versions and tells no binary tensors', () => {
  let server: Server
  let worker: RemoteWorker
  let bodies: string[]

  beforeEach(async () => {
    bodies = []
    server = createServer(async (request, response) => {
      const url = request.url ?? ''
      let body = ''
      for await (const chunk of request) body += chunk
      const send = (status: number, answer: object) => response.writeHead(status).end(JSON.stringify(answer))
      if (url.includes('/versions/')) return send(501, { error: 'Model versioning not supported yet.' })
      if (url === '/v2') return send(200, { name: 'kserve', extensions: ['model_repository_extension'] })
      // As a proxy in between that waits no longer.
      if (url.endsWith('/slow/load')) return send(504, { error: 'no answer from upstream' })
      if (url.includes('slow')) return send(404, { error: 'no such model' })
      if (url.endsWith('/load')) return send(503, { error: `cannot load ${url.split('/')[4]}` })
      if (url.includes('other')) return send(404, { error: 'no such model' })
      if (url.endsWith('/infer')) {
        bodies.push(body)
        const output = { name: 'probability', datatype: 'FP32', shape: [1], data: [0.5], parameters: null }
        return send(200, { id: '1', parameters: null, outputs: [output] })
      }
      const inputs = [{ name: 'features', datatype: 'FP32', shape: [-1, 26] }]
      return send(200, { inputs, outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1] }] })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    worker = await dial({ address: `127.0.0.1:${port}`, protocol: 'http' })
  })
  afterEach(async () => {
    await worker.dispose()
    server.close()
  })

  const features = (value: number) => ({
    features: { type: 'float32' as const, dims: [1, 26], data: new Float32Array(26).fill(value) },
  })

  it('is asked without the version, in JSON', async () => {
    await worker.load('payment-risk@1', paymentRisk)
    const { tensors } = await worker.infer('payment-risk@1', features(2))
    expect(tensors['probability'].data).toEqual(new Float32Array([0.5]))
    expect(JSON.parse(bodies[0]).inputs[0].data).toEqual(Array(26).fill(2))
  })

  it('cannot be asked with NaN, and stays', async () => {
    await worker.load('payment-risk@1', paymentRisk)
    await expect(worker.infer('payment-risk@1', features(Number.NaN))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringMatching(/^input features: holds NaN or infinity, which JSON does not have/),
    })
    expect(bodies).toEqual([])
    await worker.infer('payment-risk@1', features(1))
  })

  it('is asked to load a model by its name, and stays when it cannot', async () => {
    const lost = jest.fn()
    worker.lost(lost)
    await expect(worker.load('other@1', paymentRisk)).rejects.toThrow(
      'the server cannot load it: cannot load other',
    )
    expect(lost).not.toHaveBeenCalled()
    await worker.load('payment-risk@1', paymentRisk)
  })

  it('is not lost when it takes too long to load one, as long as it is ready', async () => {
    const lost = jest.fn()
    worker.lost(lost)
    worker.failed(lost)
    await expect(worker.load('slow@1', paymentRisk)).rejects.toMatchObject({
      outcome: 'OVERLOADED',
      message: 'worker test (remote) takes too long to load slow@1',
    })
    expect(lost).not.toHaveBeenCalled()
    await worker.load('payment-risk@1', paymentRisk)
  })
})
