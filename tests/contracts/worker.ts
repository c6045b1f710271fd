import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import type { Tensors } from '../../models/types/tensor'
import type { Worker } from '../../workers/runtime/worker'

const graphs = join(packageRoot, 'tests/fixtures/graphs')
export const paymentRisk = join(graphs, 'payment-risk-1.onnx')
export const abuseScore = join(graphs, 'abuse-score-1.onnx')
const listSum = join(graphs, 'list-sum.onnx')
const oddTypes = join(graphs, 'odd-types.onnx')
const words = join(graphs, 'words.onnx')
const newer = join(graphs, 'newer.onnx')
const apart = join(graphs, 'apart.onnx')
const weights = {
  file: 'apart.bin',
  bytes: 4,
  sha256: createHash('sha256')
    .update(readFileSync(join(graphs, 'apart.bin')))
    .digest('hex'),
}

/**
 * What every kind of worker promises; real graphs on the real runtime. A worker elsewhere knows of a graph what the
 * protocol tells: no names of dimensions, and only what can be asked for.
 */
export function workerContract(start: () => Promise<Worker>, { isElsewhere = false } = {}): void {
  const batch = isElsewhere ? '' : 'batch'
  let worker: Worker

  beforeEach(async () => {
    worker = await start()
  })

  afterEach(() => worker.dispose())

  it('tells names, types and shapes of a graph that it loads', async () => {
    expect(await worker.load('payment-risk@1', paymentRisk)).toEqual({
      inputs: [{ name: 'features', type: 'float32', shape: [batch, 26] }],
      outputs: [{ name: 'probability', type: 'float32', shape: [batch] }],
    })
  })

  it('tells also the types that Presage refuses, by the name the runtime has for them', async () => {
    const { inputs, outputs } = await worker.load('odd-types@1', oddTypes)
    expect(inputs.map(({ name, type }) => `${name}: ${type}`)).toEqual(['words: string', 'half: float16'])
    expect(outputs.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'same: string',
      'many: sequence or map',
    ])
  })

  it('answers with one typed array per output, one entry per row', async () => {
    await worker.load('payment-risk@1', paymentRisk)
    const { tensors, computeMs } = await worker.infer('payment-risk@1', zeros(3, 26))
    expect(tensors.probability.type).toBe('float32')
    expect(tensors.probability.dims).toEqual([3])
    expect(tensors.probability.data).toBeInstanceOf(Float32Array)
    for (const probability of tensors.probability.data) expect(probability).toBeCloseTo(0.645029, 5)
    expect(computeMs).toBeGreaterThan(0)
  })

  it('holds several versions side by side', async () => {
    await worker.load('payment-risk@1', paymentRisk)
    await worker.load('abuse-score@1', abuseScore)
    const [payment, abuse] = await Promise.all([
      worker.infer('payment-risk@1', zeros(2, 26)),
      worker.infer('abuse-score@1', zeros(1, 57)),
    ])
    expect(payment.tensors.probability.dims).toEqual([2])
    expect(abuse.tensors.probability.dims).toEqual([1])
  })

  it('refuses a graph whose file is not the one that was published', async () => {
    await expect(worker.load('payment-risk@1', paymentRisk, { sha256: 'f'.repeat(64) })).rejects.toThrow(
      /^payment-risk-1\.onnx: must not change once published, got SHA-256 [0-9a-f]{64} instead of f{64}$/,
    )
    await expect(worker.infer('payment-risk@1', zeros(1, 26))).rejects.toThrow('not loaded')
    await worker.load('payment-risk@1', paymentRisk)
    expect((await worker.infer('payment-risk@1', zeros(1, 26))).tensors.probability.dims).toEqual([1])
  })

  it('carries int64 there and back', async () => {
    await worker.load('list-sum@1', listSum)
    const ids = BigInt64Array.from([1n, 2n, -(2n ** 40n), 5n])
    const { tensors } = await worker.infer('list-sum@1', { ids: { type: 'int64', dims: [2, 2], data: ids } })
    expect(tensors.sum).toEqual({ type: 'int64', dims: [2], data: BigInt64Array.from([3n, 5n - 2n ** 40n]) })
  })

  it('carries texts there and back, as they are', async () => {
    await worker.load('words@1', words, { outputs: ['same'] })
    const texts = ['', 'Zoë', 'a\nb', '日本', 'a'.repeat(100_000), ' ']
    const { tensors } = await worker.infer('words@1', {
      words: { type: 'string', dims: [3, 2], data: texts },
    })
    expect(tensors).toEqual({ same: { type: 'string', dims: [3, 2], data: texts } })
  })

  it('yields only the outputs that it was asked for, so that the others may be of any type', async () => {
    const { outputs } = await worker.load('words@1', words, { outputs: ['same', 'not there'] })
    expect(outputs.map(({ name }) => name)).toEqual(isElsewhere ? ['same'] : ['same', 'many'])
    const tensors: Tensors = { words: { type: 'string', dims: [1, 1], data: ['a'] } }
    expect(Object.keys((await worker.infer('words@1', tensors)).tensors)).toEqual(['same'])
    await worker.load('words@2', words, { outputs: ['many'] })
    await expect(worker.infer('words@2', tensors)).rejects.toMatchObject({ code: 'INFERENCE_FAILED' })
  })

  it('says up to which opset it reads', async () => {
    await expect(worker.load('newer@1', newer)).rejects.toThrow(
      /^newer\.onnx: must have an opset up to \d\d, got opset 99; export it again with a lower one$/,
    )
  })

  it('reads weights that lie in a file beside the graph, if they are the published ones', async () => {
    await worker.load('apart@1', apart, { data: [weights] })
    const x = { type: 'float32', dims: [2], data: Float32Array.of(1, 2) } as const
    const { tensors } = await worker.infer('apart@1', { x })
    expect(tensors.y.data).toEqual(Float32Array.of(3.5, 4.5))
    await expect(worker.load('apart@2', apart)).rejects.toThrow(
      'apart.onnx: has weights in another file, which graph.data must list, got apart.bin',
    )
    const others = { ...weights, sha256: 'f'.repeat(64) }
    await expect(worker.load('apart@2', apart, { data: [others] })).rejects.toThrow(
      /^apart\.bin: must not change once published, got SHA-256 [0-9a-f]{64} instead of f{64}$/,
    )
  })

  it('takes tensors that are views on a larger buffer', async () => {
    await worker.load('list-sum@1', listSum)
    const buffer = BigInt64Array.from([99n, 1n, 2n, 99n])
    const { tensors } = await worker.infer('list-sum@1', {
      ids: { type: 'int64', dims: [1, 2], data: buffer.subarray(1, 3) },
    })
    expect(tensors.sum.data).toEqual(BigInt64Array.from([3n]))
  })

  it('says in a sentence why a file is no graph, and goes on', async () => {
    await expect(worker.load('broken@1', __filename)).rejects.toThrow(/protobuf parsing failed/)
    await expect(worker.load('missing@1', join(graphs, 'missing.onnx'))).rejects.toThrow(
      /^missing.onnx: must be a readable file, got no such file$/,
    )
    await expect(worker.load('payment-risk@1', paymentRisk)).resolves.toBeDefined()
  })

  it('rejects a batch that the runtime refuses with INFERENCE_FAILED, and goes on', async () => {
    await worker.load('payment-risk@1', paymentRisk)
    await expect(worker.infer('payment-risk@1', zeros(2, 25))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringMatching(
        isElsewhere ? /must be \[-1, 26\], got \[2, 25\]/ : /Got: 25 Expected: 26/,
      ),
    })
    await expect(worker.infer('payment-risk@1', zeros(2, 26))).resolves.toBeDefined()
  })

  it('refuses a version that it has not loaded', async () => {
    await expect(worker.infer('payment-risk@9', zeros(1, 26))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: 'payment-risk@9 is not loaded in this worker',
    })
  })

  it('finishes what is running before it ends, and is not lost by that', async () => {
    const reasons: string[] = []
    worker.lost((reason) => reasons.push(reason))
    await worker.load('payment-risk@1', paymentRisk)
    const running = worker.infer('payment-risk@1', zeros(512, 26))
    await worker.dispose()
    expect((await running).tensors.probability.dims).toEqual([512])
    expect(reasons).toEqual([])
  })

  it('rejects with WORKER_LOST once it has ended', async () => {
    await worker.dispose()
    await expect(worker.infer('payment-risk@1', zeros(1, 26))).rejects.toMatchObject({ code: 'WORKER_LOST' })
  })
}

/** The graph's input `features`, all 0. */
export function zeros(rows: number, width: number): Tensors {
  return { features: { type: 'float32', dims: [rows, width], data: new Float32Array(rows * width) } }
}
