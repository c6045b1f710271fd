import { join } from 'node:path'
import { loadSync } from '@grpc/proto-loader'
import { packageRoot } from '../../../lib/packagePaths'
import type { Tensor } from '../../../models/types/tensor'
import { decodeInferRequest, encodeInferRequest } from '../../../workers/protocol/inferRequest'
import { decodeInferResponse, encodeInferResponse } from '../../../workers/protocol/inferResponse'
import { plainTensor, tensorFault, wireTensor } from '../../../workers/protocol/wireTensor'
import { seeded } from '../../support/seeded'

/** Another implementation of the same messages, from their definition. */
const definitions = loadSync(join(packageRoot, 'schemas/inference.proto'), {
  longs: String,
  defaults: true,
  keepCase: true,
})
const { ModelInfer: other } = definitions['inference.GRPCInferenceService'] as unknown as {
  ModelInfer: Record<'requestSerialize' | 'responseSerialize', (value: object) => Buffer> &
    Record<'requestDeserialize' | 'responseDeserialize', (bytes: Buffer) => Record<string, never>>
}

const tensors: Readonly<Record<string, Tensor>> = {
  b: { type: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
  i8: { type: 'int8', dims: [2], data: Int8Array.of(-128, 127) },
  u16: { type: 'uint16', dims: [2], data: Uint16Array.of(0, 65_535) },
  i32: { type: 'int32', dims: [2, 1], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  u32: { type: 'uint32', dims: [2], data: Uint32Array.of(0, 2 ** 32 - 1) },
  i64: { type: 'int64', dims: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
  u64: { type: 'uint64', dims: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
  f32: { type: 'float32', dims: [1, 2], data: Float32Array.of(Number.NaN, -0) },
  f64: { type: 'float64', dims: [2], data: Float64Array.of(Math.PI, Number.NEGATIVE_INFINITY) },
  s: { type: 'string', dims: [2], data: ['', 'Zoë\0日本'] },
}
const inputs = Object.entries(tensors).map(([name, tensor]) => wireTensor(name, tensor))
const contents = {
  b: { bool_contents: [true, false] },
  i8: { int_contents: [-128, 127] },
  u16: { uint_contents: [0, 65_535] },
  i32: { int_contents: [-(2 ** 31), 2 ** 31 - 1] },
  u32: { uint_contents: [0, 2 ** 32 - 1] },
  i64: { int64_contents: ['-9223372036854775808', '9223372036854775807'] },
  u64: { uint64_contents: ['0', '18446744073709551615'] },
  f32: { fp32_contents: [Number.NaN, -0] },
  f64: { fp64_contents: [Math.PI, Number.NEGATIVE_INFINITY] },
  s: { bytes_contents: [Buffer.from(''), Buffer.from('Zoë\0日本')] },
} as const

function plain(sent: readonly Parameters<typeof plainTensor>[0][]) {
  return Object.fromEntries(sent.map((tensor) => [tensor.name, plainTensor(tensor)]))
}

describe('messages of the protocol', () => {
  it('a request of ours is read by another implementation, field by field', () => {
    const parameters = { timeout: 5_000_000, big: 2n ** 60n, exact: true, ratio: 0.5, text: 'a', none: '' }
    const outputs = [{ name: 'y', parameters: { binary_data: false } }]
    const bytes = encodeInferRequest({ model: 'm', version: '3', id: 'x', parameters, inputs, outputs })
    expect(other.requestDeserialize(bytes)).toMatchObject({
      model_name: 'm',
      model_version: '3',
      id: 'x',
      parameters: {
        timeout: { int64_param: '5000000' },
        big: { int64_param: String(2n ** 60n) },
        exact: { bool_param: true },
        ratio: { double_param: 0.5 },
        text: { string_param: 'a' },
        none: { string_param: '' },
      },
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(String) })),
      outputs: [{ name: 'y', parameters: { binary_data: { bool_param: false } } }],
    })
    expect(decodeInferRequest(bytes)).toMatchObject({
      model: 'm',
      version: '3',
      id: 'x',
      parameters,
      outputs,
      isRaw: true,
    })
    expect(plain(decodeInferRequest(bytes).inputs)).toEqual(tensors)
  })

  it('typed contents of every datatype, as another implementation writes them', () => {
    const bytes = other.requestSerialize({
      model_name: 'm',
      inputs: inputs.map(({ name, datatype, shape }) => ({
        name,
        datatype,
        shape,
        contents: contents[name as keyof typeof contents],
      })),
    })
    const request = decodeInferRequest(bytes)
    expect(request.isRaw).toBe(false)
    expect(request.inputs.map(tensorFault)).toEqual(inputs.map(() => undefined))
    expect(plain(request.inputs)).toEqual(tensors)
  })

  it('answers, raw and typed, both ways', () => {
    const response = { model: 'm', version: '1', id: '', parameters: {}, outputs: inputs }
    expect(plain(decodeInferResponse(encodeInferResponse(response, true)).outputs)).toEqual(tensors)
    const typed = encodeInferResponse(response, false)
    expect(plain(decodeInferResponse(typed).outputs)).toEqual(tensors)
    const read = other.responseDeserialize(typed) as unknown as {
      outputs: { name: keyof typeof contents; contents: Record<string, unknown> }[]
    }
    for (const { name, contents: own } of read.outputs) expect(own).toMatchObject(contents[name])
  })

  it('an answer whose data does not fit names the output', () => {
    const output = { name: 'a', datatype: 'BYTES', shape: [2] }
    const answer = other.responseSerialize({ outputs: [{ ...output, contents: { fp64_contents: [1] } }] })
    expect(() => decodeInferResponse(answer)).toThrow(
      'a: contents of BYTES must be in bytes_contents, got fp64_contents',
    )
  })

  it('elements that do not fit, and contents in the wrong field, are refused by name', () => {
    const send = (datatype: string, own: object) => () =>
      decodeInferRequest(
        other.requestSerialize({ inputs: [{ name: 'a', datatype, shape: [1], contents: own }] }),
      ).inputs[0].data
    expect(send('INT8', { int_contents: [128] })).toThrow('element 0 must fit INT8, got 128')
    expect(send('UINT16', { uint_contents: [65_536] })).toThrow('element 0 must fit UINT16, got 65536')
    expect(send('FP32', { fp64_contents: [1] })).toThrow(
      'contents of FP32 must be in fp32_contents, got fp64_contents',
    )
    expect(send('FP16', { fp32_contents: [1] })).toThrow('datatype FP16 needs raw contents')
    expect(send('BYTES', { bytes_contents: [Buffer.of(255)] })).toThrow('element 0 must be text in UTF-8')
    const two = {
      inputs: [
        { name: 'a', datatype: 'FP32' },
        { name: 'b', datatype: 'FP32' },
      ],
      raw_input_contents: [Buffer.alloc(4)],
    }
    expect(() => decodeInferRequest(other.requestSerialize(two))).toThrow(
      'raw contents must be one for each of 2 tensors, got 1',
    )
    const both = {
      inputs: [{ name: 'a', datatype: 'FP32', contents: { fp32_contents: [1] } }],
      raw_input_contents: [Buffer.alloc(4)],
    }
    expect(() => decodeInferRequest(other.requestSerialize(both))).toThrow(
      'a: must have no contents beside raw contents',
    )
    const short = {
      inputs: [{ name: 'a', datatype: 'BYTES', shape: [1] }],
      raw_input_contents: [Buffer.of(9, 0, 0, 0, 65)],
    }
    expect(() => decodeInferRequest(other.requestSerialize(short)).inputs[0].data).toThrow(
      'element 0 is cut off',
    )
  })

  it('elements are read no further than the shape says', () => {
    const read = (datatype: string, own: object) =>
      tensorFault(
        decodeInferRequest(
          other.requestSerialize({ inputs: [{ name: 'a', datatype, shape: [2], contents: own }] }),
        ).inputs[0],
      )
    const more = 'data: must hold 2 elements as its shape says, got more'
    const zeros = Array.from({ length: 100_000 }, () => 0)
    // The third element is not one of these datatypes: who looks at it would say so.
    expect(read('INT8', { int_contents: [1, 2, 1000, ...zeros] })).toBe(more)
    expect(read('UINT8', { uint_contents: [1, 2, 1000] })).toBe(more)
    const texts = [Buffer.of(65), Buffer.of(66), Buffer.of(255)]
    expect(read('BYTES', { bytes_contents: texts })).toBe(more)
    const raw = Buffer.concat(texts.map((text) => Buffer.concat([Buffer.of(1, 0, 0, 0), text])))
    const sent = { inputs: [{ name: 'a', datatype: 'BYTES', shape: [2] }], raw_input_contents: [raw] }
    expect(tensorFault(decodeInferRequest(other.requestSerialize(sent)).inputs[0])).toBe(more)
  })

  it.each([
    ['tensors', 5],
    ['outputs', 6],
    ['parameters', 4],
    ['raw contents', 7],
  ])('a message of two bytes for each of its %s is refused', (_, field) => {
    const message = Buffer.alloc(200_000)
    for (let at = 0; at < message.length; at += 2) message[at] = field * 8 + 2
    expect(() => decodeInferRequest(message)).toThrow(
      'must have at most 65536 tensors, dimensions and parameters together, got more',
    )
  })

  it('a shape of very many dimensions is refused', () => {
    const sent = { inputs: [{ name: 'a', datatype: 'FP32', shape: Array.from({ length: 70_000 }, () => 1) }] }
    expect(() => decodeInferRequest(other.requestSerialize(sent))).toThrow('must have at most 65536 tensors')
  })

  it('bytes that are no message end in a RangeError, whatever they are', () => {
    const random = seeded(19)
    const whole = encodeInferRequest({
      model: 'm',
      version: '',
      id: '',
      parameters: { a: 1 },
      inputs,
      outputs: [],
    })
    let refused = 0
    for (let trial = 0; trial < 3_000; trial++) {
      const bytes = Buffer.from(whole.subarray(0, Math.ceil(random() * whole.length)))
      for (let change = 0; change < 3; change++) bytes[Math.floor(random() * bytes.length)] = random() * 256
      try {
        for (const input of decodeInferRequest(bytes).inputs) input.data
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(1_000)
  })
})
