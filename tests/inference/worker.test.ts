import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import type { Tensor, TensorType } from '../../models/types/tensor'
import { datatypeOf } from '../../workers/protocol/datatypes'
import { dataFromJson } from '../../workers/protocol/json/jsonData'
import { rawTexts } from '../../workers/protocol/texts'
import { wireTensor } from '../../workers/protocol/wireTensor'
import { startNode } from '../support/nodeProcess'
import { graphTypes, writeTensorRepository, writeWorkerConfig } from '../support/tensorRepository'
import { until } from '../support/until'
import { type GrpcClient, grpcClient, startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

interface HttpAnswer {
  readonly status: number
  /** The header. */
  readonly allow: string | null
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by the test that asked for it
  readonly json: any
}

describe('presage worker', () => {
  let worker: WorkerProcess
  let grpc: GrpcClient
  const { config } = writeTensorRepository(
    'worker: { drain: 200ms }\nlimits: { predictionRows: 1000, subgraphBodyBytes: 1000000 }\n',
  )

  beforeAll(async () => {
    worker = await startWorkerProcess(config)
    grpc = grpcClient(worker.address)
  })
  afterAll(async () => {
    grpc?.close()
    expect(await worker?.stop()).toBe(0)
  })

  async function http(path: string, body?: unknown): Promise<HttpAnswer> {
    const response = await fetch(`${worker.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const allow = response.headers.get('allow')
    return { status: response.status, allow, body: text, json: JSON.parse(text) }
  }

  describe('tells of itself', () => {
    it('that it lives and is ready, over both', async () => {
      expect(await http('/v2/health/live')).toMatchObject({ status: 200, json: { live: true } })
      expect(await http('/v2/health/ready')).toMatchObject({ status: 200, json: { ready: true } })
      expect(await grpc.call('ServerLive', {})).toEqual({ live: true })
      expect(await grpc.call('ServerReady', {})).toEqual({ ready: true })
    })

    it('the same to HEAD, without a body', async () => {
      for (const path of ['/v2/health/live', '/v2/health/ready']) {
        const response = await fetch(`${worker.url}${path}`, { method: 'HEAD' })
        expect([response.status, await response.text()]).toEqual([200, ''])
      }
    })

    it('its name and extensions, with and without a slash at the end', async () => {
      const { json } = await http('/v2')
      expect(json).toEqual(await grpc.call('ServerMetadata', {}))
      expect(json).toMatchObject({ name: 'presage', version: '0.1.0' })
      expect((await http('/v2/')).json).toEqual(json)
    })

    it('the tensors of a version', async () => {
      const { json } = await http('/v2/models/list-sum/versions/1')
      expect(json).toEqual({
        name: 'list-sum',
        versions: ['1'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'ids', datatype: 'INT64', shape: [-1, -1] }],
        outputs: [{ name: 'sum', datatype: 'INT64', shape: [-1] }],
      })
      expect(await grpc.call('ModelMetadata', { name: 'list-sum' })).toEqual(json)
      const all = await grpc.call('ModelMetadata', { name: 'all-types' })
      expect(all.inputs.map(({ datatype }: { datatype: string }) => datatype)).toEqual(
        Object.keys(graphTypes).map(datatypeOf),
      )
    })

    it('which models are ready, and that others are not there', async () => {
      expect(await http('/v2/models/list-sum/ready')).toMatchObject({
        json: { name: 'list-sum', ready: true },
      })
      expect(await grpc.call('ModelReady', { name: 'list-sum', version: '1' })).toEqual({ ready: true })
      expect(await http('/v2/models/none/ready')).toMatchObject({
        status: 404,
        json: { error: 'model: must be one of the repository, got "none"' },
      })
      await expect(grpc.call('ModelReady', { name: 'list-sum', version: '7' })).rejects.toMatchObject({
        code: 5,
        details: 'model: must be a version of the repository, got "list-sum@7"',
      })
    })

    it('in a message that cuts a name between the halves of a surrogate pair', async () => {
      // Its 77th character is such a half.
      const name = `a${'\u{1f600}'.repeat(60)}`
      for (const method of ['ModelReady', 'ModelMetadata'])
        await expect(grpc.call(method, { name, version: '' })).rejects.toMatchObject({
          code: 5,
          details: expect.stringMatching(/^model: must be one of the repository, got "a.*\ufffd\.\.\.$/u),
        })
      const request = { model: name, version: '', id: '', parameters: {}, inputs: [], outputs: [] }
      await expect(grpc.call('ModelInfer', request)).rejects.toMatchObject({
        code: 5,
      })
      const health = grpcClient(worker.address, 'health')
      await expect(health.call('Check', { service: name })).rejects.toMatchObject({ code: 5 })
      health.close()
    })

    it('by the health service of gRPC, for the server and for each model', async () => {
      const health = grpcClient(worker.address, 'health')
      expect(await health.call('Check', { service: '' })).toEqual({ status: 'SERVING' })
      expect(await health.call('Check', { service: 'list-sum@1' })).toEqual({ status: 'SERVING' })
      await expect(health.call('Check', { service: 'none' })).rejects.toMatchObject({ code: 5 })
      health.close()
    })

    it('metrics to this machine', async () => {
      const metrics = await (await fetch(`${worker.url}/metrics`)).text()
      expect(metrics).toContain('presage_queued_rows{model="list-sum",version="1",shard="main"} 0')
    })
  })

  describe('answers', () => {
    const values: Readonly<Record<string, readonly (number | bigint | string)[]>> = {
      bool: [1, 0],
      uint8: [0, 255],
      uint16: [0, 65_535],
      uint32: [0, 4_294_967_295],
      uint64: [0n, 2n ** 64n - 1n],
      int8: [-128, 127],
      int16: [-32_768, 32_767],
      int32: [-2_147_483_648, 2_147_483_647],
      int64: [-(2n ** 63n), 2n ** 63n - 1n],
      float32: [1.5, -0.25],
      float64: [Math.PI, 1e300],
      string: ['', 'Zoë 日本'],
    }
    const arrays: Readonly<Record<TensorType, { from(list: Iterable<never>): never }>> = {
      bool: Uint8Array,
      uint8: Uint8Array,
      uint16: Uint16Array,
      uint32: Uint32Array,
      uint64: BigUint64Array,
      int8: Int8Array,
      int16: Int16Array,
      int32: Int32Array,
      int64: BigInt64Array,
      float32: Float32Array,
      float64: Float64Array,
    } as never

    function tensorOf(type: string): Tensor {
      const list = values[type]
      const data = type === 'string' ? list : arrays[type as TensorType].from(list as never)
      return { type, dims: [1, 2], data } as Tensor
    }
    const inputs = Object.keys(graphTypes).map((type) => wireTensor(`in_${type}`, tensorOf(type)))

    it('every type over gRPC, raw, with 64 bits exact', async () => {
      const request = { model: 'all-types', version: '', id: 'seven', parameters: {}, inputs, outputs: [] }
      const answer = await grpc.call('ModelInfer', request)
      expect(answer).toMatchObject({ model: 'all-types', version: '1', id: 'seven' })
      expect(answer.outputs).toEqual(
        inputs.map(({ name, data, ...rest }) => ({
          ...rest,
          name: name.replace('in_', 'out_'),
          data: data instanceof Uint8Array ? Buffer.from(data) : data,
        })),
      )
    })

    it('a body without JSON over HTTP, the data of the only input, with binary outputs', async () => {
      const raw = (model: string, body: ArrayBufferView<ArrayBuffer>) =>
        fetch(`${worker.url}/v2/models/${model}/infer`, {
          method: 'POST',
          headers: { 'inference-header-content-length': '0' },
          body,
        })
      const response = await raw('mixed-rows', Float32Array.of(1, 2, 6))
      const length = Number(response.headers.get('inference-header-content-length'))
      const answer = Buffer.from(await response.arrayBuffer())
      expect(JSON.parse(answer.subarray(0, length).toString()).outputs).toEqual([
        { name: 'y', datatype: 'FP32', shape: [3], parameters: { binary_data_size: 12 } },
      ])
      expect([0, 4, 8].map((at) => answer.readFloatLE(length + at))).toEqual([-2, -1, 3])
      // Of two sizes that the model leaves open, the first is 1.
      const sum = Buffer.from(await (await raw('list-sum', BigInt64Array.of(3n, 4n))).arrayBuffer())
      expect(sum.readBigInt64LE(sum.length - 8)).toBe(7n)
      const odd = await raw('mixed-rows', Uint8Array.of(1, 2, 3))
      expect([odd.status, await odd.json()]).toEqual([
        400,
        { error: 'body without JSON: must be whole rows of FP32 [-1], got 3 bytes' },
      ])
      expect(await (await raw('all-types', Uint8Array.of(1))).json()).toEqual({
        error: 'body without JSON: must be for a model with one input, got one with 12 inputs',
      })
    })

    it('every type over HTTP in JSON, nested or flat, with 64 bits exact', async () => {
      for (const isNested of [true, false]) {
        const text = Object.keys(graphTypes).map((type) => {
          const list = values[type].map((value) => {
            if (type === 'bool') return String(value === 1)
            return typeof value === 'string' ? JSON.stringify(value) : String(value)
          })
          const data = isNested ? `[[${list}]]` : `[${list}]`
          return `{"name":"in_${type}","datatype":"${datatypeOf(type)}","shape":[1,2],"data":${data}}`
        })
        const { status, body, json } = await http(
          '/v2/models/all-types/infer',
          `{"id":"x","inputs":[${text}]}`,
        )
        expect([status, body.slice(0, 200)]).toEqual([200, expect.anything()])
        expect(json.id).toBe('x')
        expect(body).toContain(
          '"name":"out_uint64","datatype":"UINT64","shape":[1,2],"data":[0,18446744073709551615]',
        )
        expect(body).toContain('"data":[-9223372036854775808,9223372036854775807]')
        const data = Object.fromEntries(
          json.outputs.map((one: { name: string; data: unknown }) => [one.name, one.data]),
        )
        expect(data.out_bool).toEqual([true, false])
        expect(data.out_string).toEqual(values.string)
        expect(data.out_float64).toEqual(values.float64)
        expect(data.out_int16).toEqual(values.int16)
      }
    })

    it('binary tensors over HTTP, beside JSON ones, as the request wants each output', async () => {
      const json = Buffer.from(
        JSON.stringify({
          inputs: [
            { name: 'x', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 }, data: null },
          ],
          outputs: [{ name: 'y', parameters: { binary_data: true } }],
        }),
      )
      const response = await fetch(`${worker.url}/v2/models/mixed-rows/infer`, {
        method: 'POST',
        headers: { 'inference-header-content-length': String(json.length) },
        body: Buffer.concat([json, Buffer.from(Float32Array.of(1, 3).buffer)]),
      })
      expect(response.status).toBe(200)
      const body = Buffer.from(await response.arrayBuffer())
      const length = Number(response.headers.get('inference-header-content-length'))
      expect(JSON.parse(body.subarray(0, length).toString())).toEqual({
        model_name: 'mixed-rows',
        model_version: '1',
        outputs: [{ name: 'y', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
      })
      expect([body.readFloatLE(length), body.readFloatLE(length + 4)]).toEqual([-1, 1])
    })

    it('a request with the parameter headers, whatever it is, as if it had none', async () => {
      const inputs = [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }]
      const request = { inputs, parameters: { headers: { accept: ['text/html'] } } }
      expect(await http('/v2/models/mixed-rows/infer', request)).toMatchObject({ status: 200 })
    })

    it('a request whose optional members are null, as if they were absent', async () => {
      const input = { name: 'x', datatype: 'FP32', shape: [1], parameters: null, data: [1] }
      const request = { id: null, parameters: null, inputs: [input], outputs: null }
      const answer = { model_name: 'mixed-rows', model_version: '1', outputs: [{ name: 'y', data: [0] }] }
      expect(await http('/v2/models/mixed-rows/infer', request)).toMatchObject({ status: 200, json: answer })
      const outputs = [{ name: 'y', parameters: null }]
      expect(await http('/v2/models/mixed-rows/infer', { ...request, outputs })).toMatchObject({
        json: answer,
      })
    })

    it('only the outputs that are asked for, in their order', async () => {
      const outputs = [{ name: 'out_int8' }, { name: 'out_bool' }]
      const request = { model: 'all-types', version: '1', id: '', parameters: {}, inputs, outputs }
      const answer = await grpc.call('ModelInfer', {
        ...request,
        outputs: outputs.map((one) => ({ ...one, parameters: {} })),
      })
      expect(answer.outputs.map(({ name }: { name: string }) => name)).toEqual(['out_int8', 'out_bool'])
    })

    it('and tells its load in the form of ORCA, and what it has done', async () => {
      const inputs = [{ name: 'x', datatype: 'FP32', shape: [3], data: [1, 2, 3] }]
      const statistics = async () => (await http('/v2/models/mixed-rows/stats')).json.model_stats[0]
      const before = await statistics()
      const load = async () => {
        const body = JSON.stringify({ inputs })
        const answer = await fetch(`${worker.url}/v2/models/mixed-rows/infer`, { method: 'POST', body })
        return answer.headers.get('endpoint-load-metrics')
      }
      expect(await load()).toMatch(
        /^TEXT cpu_utilization=[\d.]+,rps_fractional=[\d.]+,eps=[\d.]+,named_metrics.queued_rows=\d+/,
      )
      const after = await statistics()
      expect(after.inference_count - before.inference_count).toBe(3)
      expect(after.execution_count - before.execution_count).toBe(1)
      expect(after.inference_stats.success.count - before.inference_stats.success.count).toBe(1)
      expect(after.batch_stats.some((one: { batch_size: number }) => one.batch_size === 3)).toBe(true)
      await http('/v2/models/mixed-rows/infer', { inputs: [] })
      expect((await statistics()).inference_stats.fail.count).toBe(after.inference_stats.fail.count + 1)
      const busiest =
        /,named_metrics\.busiest\.mixed-rows@1=[01]\.\d+,named_metrics\.busiest_wait_seconds=\d\.\d+$/
      await until(async () => busiest.test((await load())!))
    })

    it('requests of any width to a version whose input varies, each by itself', async () => {
      const sums = await Promise.all(
        [1, 2, 3, 4].map(async (width) => {
          const ids = {
            name: 'ids',
            datatype: 'INT64',
            shape: [2, width],
            data: new Array(2 * width).fill(width),
          }
          return (await http('/v2/models/list-sum/infer', { inputs: [ids] })).json.outputs[0].data
        }),
      )
      expect(sums).toEqual([1, 2, 3, 4].map((width) => [width * width, width * width]))
    })

    it('a workflow whose input varies in batches of at most batching.maxRows', async () => {
      const runs = async () => (await http('/v2/models/list-sum/stats')).json.model_stats[0].execution_count
      const before = await runs()
      // All different, since equal rows run once.
      const lists = Array.from({ length: 1_000 }, (_, row) =>
        Array.from(row.toString(3), (digit) => +digit + 1),
      )
      const data = lists.map((list) => JSON.stringify(list))
      const ids = { name: 'ids', datatype: 'BYTES', shape: [data.length], data }
      const { json } = await http('/v2/models/list-sum:workflow/infer', { inputs: [ids] })
      expect(json.outputs[0].data).toHaveLength(1_000)
      expect((await runs()) - before).toBe(2)
    })

    it('requests of several connections in one batch', async () => {
      // Else they share a connection.
      const own = { 'grpc.use_local_subchannel_pool': 1 }
      const clients = Array.from({ length: 8 }, () => grpcClient(worker.address, 'inference', own))
      const x = (value: number) =>
        wireTensor('x', { type: 'float32', dims: [1], data: Float32Array.of(value) })
      // A row that ran alone is its own mean, so that its answer is 0.
      const ranAlone = async () => {
        const answered = await Promise.all(
          clients.map((client, at) =>
            client.call('ModelInfer', {
              model: 'mixed-rows',
              version: '',
              id: '',
              parameters: {},
              inputs: [x(at)],
              outputs: [],
            }),
          ),
        )
        return answered.filter(({ outputs }) => Buffer.from(outputs[0].data).readFloatLE(0) === 0).length
      }
      // Requests that come while others connect may find nobody to run with.
      await until(async () => (await ranAlone()) < 8)
      for (const client of clients) client.close()
    })
  })

  describe('refuses, and says why', () => {
    const ids = { name: 'ids', datatype: 'INT64', shape: [1, 2], data: [1, 2] }
    it.each([
      ['no JSON', '{', 400, /^body: must be JSON in UTF-8, got /],
      ['no inputs', {}, 400, 'inputs: must be a list, got nothing'],
      ['a missing input', { inputs: [] }, 400, 'inputs: must hold ids once, got it 0 times'],
      ['an unknown input', { inputs: [ids, { ...ids, name: 'z' }] }, 400, 'inputs: must be ids, got "z"'],
      [
        'another datatype',
        { inputs: [{ ...ids, datatype: 'INT32' }] },
        400,
        'input ids: datatype: must be INT64, got "INT32"',
      ],
      [
        'a datatype that no model takes',
        { inputs: [{ ...ids, datatype: 'BF16' }] },
        400,
        'input ids: datatype: must be INT64, got "BF16"',
      ],
      [
        'another rank',
        { inputs: [{ ...ids, shape: [2] }] },
        400,
        'input ids: shape: must be [-1, -1], got [2]',
      ],
      [
        'data of another size',
        { inputs: [{ ...ids, data: [1] }] },
        400,
        'input ids: data: must hold 2 elements for [1, 2], got 1',
      ],
      [
        'data nested otherwise',
        { inputs: [{ ...ids, data: [[1], [2]] }] },
        400,
        'input ids: data: must be nested as [1, 2], got a list of 2',
      ],
      [
        'data nested as deep as its shape is long',
        `{"inputs":[{"name":"ids","datatype":"INT64","shape":[${'1,'.repeat(50_000)}1],"data":${'['.repeat(50_001)}1${']'.repeat(50_001)}}]}`,
        400,
        /^input ids: shape: must be \[-1, -1\], got \[1, 1, /,
      ],
      [
        'fractions',
        { inputs: [{ ...ids, data: [1.5, 2] }] },
        400,
        'input ids: data: must fit INT64, got 1.5',
      ],
      [
        'a negative size',
        { inputs: [{ ...ids, shape: [-1, -2] }] },
        400,
        'input ids: shape: must hold whole numbers from 0 to 9007199254740991, got -1',
      ],
      [
        'a size beyond the safe range',
        '{"inputs":[{"name":"ids","datatype":"INT64","shape":[9007199254740993,4],"data":[1]}]}',
        400,
        'input ids: shape: must hold whole numbers from 0 to 9007199254740991, got 9007199254740993',
      ],
      [
        'a shape that is no list',
        { inputs: [{ ...ids, shape: 2 }] },
        400,
        'input ids: shape: must be a list, got 2',
      ],
      [
        'a wish for binary outputs that is no boolean',
        { inputs: [ids], parameters: { binary_data_output: 'yes' } },
        400,
        'parameters.binary_data_output: must be true or false, got "yes"',
      ],
      [
        'a wish for one binary output that is no boolean',
        { inputs: [ids], outputs: [{ name: 'sum', parameters: { binary_data: 1 } }] },
        400,
        'output sum: parameters.binary_data: must be true or false, got 1',
      ],
      [
        'a timeout that is a boolean',
        { inputs: [ids], parameters: { timeout: true } },
        400,
        'parameters.timeout: must be a number of microseconds from 0 on, got true',
      ],
      [
        'a timeout that is a text',
        { inputs: [ids], parameters: { timeout: '5' } },
        400,
        'parameters.timeout: must be a number of microseconds from 0 on, got "5"',
      ],
      [
        'a negative timeout',
        { inputs: [ids], parameters: { timeout: -1 } },
        400,
        'parameters.timeout: must be a number of microseconds from 0 on, got -1',
      ],
      [
        'no rows',
        { inputs: [{ ...ids, shape: [0, 2], data: [] }] },
        400,
        'input ids: shape: must have at least one row, got 0',
      ],
      [
        'too many rows',
        { inputs: [{ ...ids, shape: [1001, 1], data: new Array(1001).fill(1) }] },
        400,
        /^a request may have at most \d+ rows \(batching\.maxRows of list-sum@1, whose requests run one by one\), got 1001$/,
      ],
      [
        'an unknown output',
        { inputs: [ids], outputs: [{ name: 'z' }] },
        400,
        'outputs: must be sum, got "z"',
      ],
      [
        'an output that is wanted twice',
        { inputs: [ids], outputs: [{ name: 'sum' }, { name: 'sum' }] },
        400,
        'outputs: must name each once, got "sum" again',
      ],
      [
        'a sequence',
        { inputs: [ids], parameters: { sequence_id: 7 } },
        501,
        'parameters.sequence_id: is not supported',
      ],
      [
        'a parameter that is a list',
        { inputs: [ids], parameters: { a: [] } },
        400,
        'parameters.a: must be text, a number or a boolean, got []',
      ],
      [
        'a body beyond the limit',
        ' '.repeat(1_000_001),
        413,
        'body: must be at most 1000000 bytes, got more',
      ],
    ])('%s', async (_, body, status, error) => {
      const answer = await http('/v2/models/list-sum/infer', body)
      expect(answer.json).toEqual({ error: typeof error === 'string' ? error : expect.stringMatching(error) })
      expect(answer.status).toBe(status)
    })

    /** Inputs of all-types as JSON has them, with these texts. */
    const inputsWith = (texts: readonly string[]) =>
      Object.keys(graphTypes).map((type) => ({
        name: `in_${type}`,
        datatype: datatypeOf(type as TensorType),
        shape: [1, 2],
        data: type === 'string' ? texts : type === 'bool' ? [true, false] : [0, 0],
      }))

    /** Sends the texts as JSON, as binary data, and as raw contents over gRPC. Returns the refusals. */
    async function refusalsOf(texts: readonly string[]): Promise<readonly unknown[]> {
      const inputs = inputsWith(texts)
      const infer = `${worker.url}/v2/models/all-types/infer`
      const json = await http('/v2/models/all-types/infer', { inputs })
      const binary = rawTexts(texts)
      const head = Buffer.from(
        JSON.stringify({
          inputs: inputs.map(({ data, ...rest }) =>
            rest.datatype === 'BYTES'
              ? { ...rest, parameters: { binary_data_size: binary.length } }
              : { ...rest, data },
          ),
        }),
      )
      const mixed = await fetch(infer, {
        method: 'POST',
        headers: { 'inference-header-content-length': String(head.length) },
        body: Buffer.concat([head, binary]),
      })
      const raw = inputs.map(({ name, datatype, shape, data }) => ({
        name,
        datatype,
        shape,
        parameters: {},
        data: dataFromJson(name, datatype, shape, data),
      }))
      const request = { model: 'all-types', version: '', id: '', parameters: {}, inputs: raw, outputs: [] }
      const overGrpc = await grpc.call('ModelInfer', request).catch(({ code, details }) => [code, details])
      return [[json.status, json.json.error], [mixed.status, (await mixed.json()).error], overGrpc]
    }

    it('a text that the runtime would cut, at every door', async () => {
      const error = 'input in_string: data: element 1 must not hold the character U+0000, got "a\\u0000b"'
      expect(await refusalsOf(['a', 'a\0b'])).toEqual([
        [400, error],
        [400, error],
        [3, error],
      ])
    })

    it('half of a surrogate pair in JSON, in a tensor and in a feature', async () => {
      const inputs = inputsWith(['a', 'a\ud800b'])
      expect(await http('/v2/models/all-types/infer', { inputs })).toMatchObject({
        status: 400,
        json: {
          error: 'input in_string: data: element 1 must not hold half of a surrogate pair, got "a\\ud800b"',
        },
      })
      const features = Object.entries(graphTypes).map(([type, logical]) => ({
        name: `f_${type}`,
        shape: [1],
        ...{
          Boolean: { datatype: 'BOOL', data: [true] },
          Int: { datatype: 'INT64', data: [0] },
          Float: { datatype: 'FP64', data: [0] },
          String: { datatype: 'BYTES', data: ['a\ud800b'] },
        }[logical],
      }))
      expect(await http('/v2/models/all-types:workflow/infer', { inputs: features })).toMatchObject({
        status: 400,
        json: {
          error:
            'row 0: all-types@1: feature f_string: must not hold half of a surrogate pair, got "a\\ud800b"',
        },
      })
    })

    it('in few words, also over gRPC, whose connection goes on', async () => {
      const request = {
        model: 'list-sum',
        version: '',
        id: '',
        parameters: {},
        inputs: [{ ...wireTensor('ids', { type: 'int64', dims: [], data: BigInt64Array.of(1n) }) }],
        outputs: [],
      }
      const shape = new Array(60_000).fill(1)
      const inputs = [{ ...request.inputs[0], shape }]
      const refusal = /^input ids: shape: must be \[-1, -1\], got \[1, 1, .{900,1000}\.\.\.$/
      await expect(grpc.call('ModelInfer', { ...request, inputs })).rejects.toMatchObject({
        code: 3,
        details: expect.stringMatching(refusal),
      })
      expect(await grpc.call('ServerLive', {})).toEqual({ live: true })
      const health = grpcClient(worker.address, 'health')
      await expect(health.call('Check', { service: 'x'.repeat(100_000) })).rejects.toMatchObject({
        code: 5,
        details: expect.stringMatching(/^service: must be empty or a model, got "x{60,80}\.\.\.$/),
      })
      health.close()
    })

    it.each([
      ['a text without end and a long number', `{"id":"${'\\"'.repeat(400_000)}1234567890123456`],
      ['a number of very many digits', `{"inputs":${'1'.repeat(900_000)}}`],
    ])('%s at once', async (_, body) => {
      const answer = await http('/v2/models/list-sum/infer', body)
      expect(answer.status).toBe(400)
      expect(answer.body.length).toBeLessThan(1_200)
    })

    it('over gRPC with the statuses of model servers', async () => {
      const request = (inputs: object[], parameters = {}) => ({
        model: 'list-sum',
        version: '',
        id: '',
        parameters,
        inputs,
        outputs: [],
      })
      const tensor = wireTensor('ids', { type: 'int64', dims: [1, 2], data: BigInt64Array.of(1n, 2n) })
      await expect(grpc.call('ModelInfer', request([]))).rejects.toMatchObject({ code: 3 })
      await expect(grpc.call('ModelInfer', { ...request([tensor]), model: 'none' })).rejects.toMatchObject({
        code: 5,
      })
      await expect(
        grpc.call('ModelInfer', request([tensor], { shared_memory_region: 'r' })),
      ).rejects.toMatchObject({ code: 12 })
      await expect(grpc.call('ModelInfer', request([tensor], { priority: -1 }))).rejects.toMatchObject({
        code: 3,
        details: 'parameters.priority: must be a whole number from 0 on, got -1',
      })
      await expect(grpc.call('ModelInfer', request([tensor], { timeout: 1 }))).rejects.toMatchObject({
        code: 14,
      })
      await expect(
        grpc.call('ModelInfer', request([{ ...tensor, data: Buffer.alloc(2_000_000) }])),
      ).rejects.toMatchObject({ code: 8 })
    })

    it.each([
      ['an index', 'index', { ready: 'yes' }, 'ready: must be true or false, got "yes"'],
      ['a load', 'models/list-sum/load', { parameters: 'none' }, 'parameters: must be an object, got "none"'],
    ])('%s with a member of the wrong kind', async (_, path, body, error) => {
      expect(await http(`/v2/repository/${path}`, body)).toMatchObject({ status: 400, json: { error } })
    })

    it('a page of a browser, which sends its origin', async () => {
      const response = await fetch(`${worker.url}/v2/repository/models/list-sum/unload`, {
        method: 'POST',
        headers: { origin: 'http://example.com' },
      })
      expect(response.status).toBe(403)
      expect((await http('/v2/models/list-sum/ready')).status).toBe(200)
    })

    it('a path and a method that the protocol does not have', async () => {
      expect(await http('/v2/model')).toMatchObject({
        status: 404,
        json: { error: 'path: must be one of the protocol, got "/v2/model"' },
      })
      expect(await http('/v2', {})).toMatchObject({
        status: 405,
        allow: 'GET, HEAD',
        json: { error: 'method: must be GET for this path, got POST' },
      })
      expect(await http('/v2/models/list-sum/infer')).toMatchObject({
        status: 405,
        allow: 'POST',
        json: { error: 'method: must be POST for this path, got GET' },
      })
    })
  })
})

describe('presage worker that stops', () => {
  it('is not ready and serves for a while, then finishes what runs and ends', async () => {
    const { config } = writeTensorRepository('worker: { drain: 6s }\n')
    const worker = await startWorkerProcess(config)
    const grpc = grpcClient(worker.address)
    const request = {
      model: 'mixed-rows',
      version: '',
      id: '',
      parameters: {},
      inputs: [wireTensor('x', { type: 'float32', dims: [1], data: Float32Array.of(1) })],
      outputs: [],
    }
    await grpc.call('ModelInfer', request)
    const ended = worker.stop()
    await until(async () => !(await grpc.call('ServerReady', {})).ready)
    await grpc.call('ModelInfer', request)
    expect(await ended).toBe(0)
    grpc.close()
  })
})

it('a worker tells of a rule file that is missing, and of one that places nothing on its shard', async () => {
  const { folder, config } = writeTensorRepository()
  const told = async () => {
    const worker = await startWorkerProcess(config)
    expect(await worker.stop()).toBe(0)
    return worker.stderr()
  }
  expect(await told()).toMatch(/rules\.yaml is not there, so every version is served\n3 of 3 /)
  writeFileSync(join(folder, 'rules.yaml'), 'objectives: {}\nplacement: { "*": other }\n')
  expect(await told()).toMatch(
    /^warning: \S*rules\.yaml places no version of the repositories on main; its placement says which run there\n0 of 0 /m,
  )
})

it('the shard has to be named where there are several', async () => {
  const { folder } = writeTensorRepository()
  const config = writeWorkerConfig(folder, 'shards: { one: {}, two: {} }\n')
  await expect(
    startNode([compiledPath('cli/presage'), '--config', config, 'worker'], /Presage serves/),
  ).rejects.toThrow('exited with 1: --shard: must be given, since the configuration has several (one, two)')
})

it('a shard that is not configured is refused', async () => {
  const { config } = writeTensorRepository()
  const args = [compiledPath('cli/presage'), '--config', config, 'worker', '--shard', 'mian']
  await expect(startNode(args, /Presage serves/)).rejects.toThrow(
    'exited with 1: --shard: must be a shard of the configuration (main), got mian; did you mean "main"?',
  )
})
