import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CallError, callStatus } from '../../../workers/remote/callError'
import { createHttpClient } from '../../../workers/remote/httpClient'
import type { InferenceClient } from '../../../workers/remote/inferenceClient'
import { paymentRisk } from '../../contracts/worker'
import { dial } from '../../support/dialling'

/** A server that answers runs with whatever the test says. */
describe('a server that answers something else', () => {
  let answer: unknown
  let metadata: unknown
  let extensions: unknown
  let server: Server
  let address: string

  beforeEach(async () => {
    extensions = []
    metadata = {
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 26] }],
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1] }],
    }
    server = createServer((request, response) => {
      request.resume()
      const send = (value: unknown) => response.end(typeof value === 'string' ? value : JSON.stringify(value))
      if (request.url === '/v2') return send({ name: 'odd', extensions })
      if (request.url?.endsWith('/infer')) return send(answer)
      return send(metadata)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  const output = { name: 'probability', datatype: 'FP32', shape: [1], data: [0.5] }

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['a list', []],
    ['outputs that are no list', { outputs: {} }],
    ['an output that is null', { outputs: [null] }],
    ['an output without a name', { outputs: [{ ...output, name: undefined }] }],
    ['a name that is an object', { outputs: [{ ...output, name: {} }] }],
    ['no shape', { outputs: [{ ...output, shape: undefined }] }],
    ['a shape of texts', { outputs: [{ ...output, shape: ['1'] }] }],
    ['a shape that does not fit the data', { outputs: [{ ...output, shape: [2 ** 40] }] }],
    ['a negative shape', { outputs: [{ ...output, shape: [-1] }] }],
    ['a datatype that there is not', { outputs: [{ ...output, datatype: 'FP16' }] }],
    ['texts as numbers', { outputs: [{ ...output, data: ['0.5'] }] }],
    [
      'bytes beyond the end',
      { outputs: [{ ...output, data: undefined, parameters: { binary_data_size: 9 } }] },
    ],
    [
      'fewer bytes than none',
      { outputs: [{ ...output, data: undefined, parameters: { binary_data_size: -4 } }] },
    ],
    [
      'bytes of another kind',
      { outputs: [{ ...output, data: undefined, parameters: { binary_data_size: {} } }] },
    ],
  ])('%s is a coded error of the rows, and the server stays', async (_, odd) => {
    const worker = await dial({ address, protocol: 'http' })
    try {
      await worker.load('payment-risk@1', paymentRisk)
      const features = { type: 'float32' as const, dims: [1, 26], data: new Float32Array(26) }
      answer = odd
      await expect(worker.infer('payment-risk@1', { features })).rejects.toMatchObject({
        code: expect.stringMatching(/^(INFERENCE_FAILED|MODEL_OUTPUT_SHAPE)$/),
      })
      answer = { outputs: [output] }
      const { tensors } = await worker.infer('payment-risk@1', { features })
      expect(tensors['probability'].data).toEqual(Float32Array.of(0.5))
    } finally {
      await worker.dispose()
    }
  })

  const input = { name: 'features', datatype: 'FP32', shape: [-1, 26] }

  test.each<[string, unknown, string]>([
    ['null', 'null', 'must be an object, got null'],
    ['a text for its tensors', { inputs: 'features' }, 'inputs: must be a list, got "features"'],
    [
      'null for a tensor',
      { inputs: [input], outputs: [null] },
      'outputs: must have a name, a datatype and a shape each, got null',
    ],
    [
      'a text for a shape',
      { inputs: [{ ...input, shape: '[-1]' }] },
      'inputs: must have a name, a datatype and a shape each, got {"name":"features","datatype":"FP32","shape":"[-1]"}',
    ],
  ])('metadata with %s are refused by name', async (_, odd, reason) => {
    const worker = await dial({ address, protocol: 'http' })
    metadata = odd
    try {
      await expect(worker.load('payment-risk@1', paymentRisk)).rejects.toEqual(
        new Error(`the answer cannot be read: ${reason}`),
      )
    } finally {
      await worker.dispose()
    }
  })

  test('null for a list is an empty one', async () => {
    extensions = null
    metadata = { inputs: null, outputs: null }
    const worker = await dial({ address, protocol: 'http' })
    try {
      expect(worker.canLoad).toBe(false)
      expect(await worker.load('payment-risk@1', paymentRisk)).toEqual({ inputs: [], outputs: [] })
    } finally {
      await worker.dispose()
    }
  })

  test('an index with a text for its versions is refused by name', async () => {
    extensions = ['model_repository']
    metadata = { error: 'no' }
    const worker = await dial({ address, protocol: 'http' })
    try {
      await expect(worker.index()).rejects.toThrow(
        'the answer cannot be read: versions: must be a list, got {"error":"no"}',
      )
    } finally {
      await worker.dispose()
    }
  })

  describe('over HTTP', () => {
    let client: InferenceClient
    afterEach(() => client.close())

    const run = () =>
      client.infer(
        { model: 'm', version: '', id: '', parameters: {}, inputs: [], outputs: [] },
        Date.now() + 60_000,
      )

    test('is read up to a number of bytes', async () => {
      client = createHttpClient(address, undefined, 200)
      answer = { outputs: [output] }
      expect((await run()).response.outputs).toHaveLength(1)
      answer = { outputs: [{ ...output, name: 'a'.repeat(200) }] }
      await expect(run()).rejects.toEqual(
        new CallError(callStatus.resourceExhausted, 'the answer is larger than 200 bytes'),
      )
    })

    test('tells its errors in a thousand characters', async () => {
      client = createHttpClient(address)
      server.removeAllListeners('request')
      server.on('request', (_, response) =>
        response.writeHead(500).end(JSON.stringify({ error: 'a'.repeat(5_000) })),
      )
      await expect(run()).rejects.toThrow(`${'a'.repeat(1_000)}...`)
      await expect(run()).rejects.toThrow(/^a{1000}\.\.\.$/)
    })
  })
})
