import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock'
import { packageRoot } from '../../../lib/packagePaths'
import { type FoundVersion, readVersion } from '../../../models/repository/readVersion'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { createShard, type Shard, type ShardOptions } from '../../../workers/shard'
import { writeVersion } from '../../support/tensorRepository'

const listSum = join(packageRoot, 'tests/fixtures/graphs/list-sum.onnx')

describe('loading a version', () => {
  let shard: Shard
  let root: string

  beforeAll(async () => {
    shard = await createShard({ name: 'main', kind: 'thread', workers: 1 })
    root = mkdtempSync(join(tmpdir(), 'presage-load-'))
  })
  afterAll(async () => {
    await shard.dispose()
    rmSync(root, { recursive: true })
  })

  /** The places of ids in the vocabulary, summed; an id outside it is refused. */
  function summing(name: string, sum: number, more: object = {}): FoundVersion {
    const folder = join(root, name, '1')
    mkdirSync(folder, { recursive: true })
    copyFileSync(listSum, join(folder, 'model.onnx'))
    const graph = readFileSync(listSum)
    const sha256 = createHash('sha256').update(graph).digest('hex')
    writeFileSync(
      join(folder, 'golden.json'),
      JSON.stringify({ cases: [{ input: { ids: ['b', 'c'], ...more }, output: { sum } }] }),
    )
    writeFileSync(
      join(folder, 'model.yaml'),
      `name: ${name}
version: "1"
graph: { file: model.onnx, bytes: ${graph.length}, sha256: "${sha256}" }
features: { ids: { type: "[ID!]" } }
vocabularies: { v: [a, b, c] }
preprocess: { ids: { indexList: ids, vocabulary: v } }
postprocess: { sum: { column: sum } }
warmUp: [1, 3]
golden: golden.json
`,
    )
    return readVersion(folder) as FoundVersion
  }

  const load = (version: FoundVersion) => loadVersion(version, [shard], new Map(), systemClock)

  it('warms up with rows that its steps take', async () => {
    const model = await load(summing('strict', 3))
    expect(model.key).toBe('strict@1')
  })

  it('says in one line which golden case it does not answer', async () => {
    await expect(load(summing('wrong', 4))).rejects.toThrow(/^golden cases: case 0: sum: must be 4, got 3$/)
  })

  it('says which feature of a golden case it does not have', async () => {
    await expect(load(summing('odd', 3, { idz: ['a'], constructor: 1 }))).rejects.toThrow(
      /^golden cases: case 0: input.idz: must be a feature \(ids\), got idz; did you mean "ids"\?$/,
    )
  })

  describe('whose graph yields other rows than it declares', () => {
    async function refusal(options: Partial<ShardOptions>): Promise<string> {
      writeVersion(root, 'twice', ['x: { type: Float }'], ['x: { number: x }'], ['y: { column: y }'])
      const version = readVersion(join(root, 'models/twice/1')) as FoundVersion
      const own = await createShard({ name: 'own', kind: 'thread', workers: 1, ...options })
      try {
        return await loadVersion(version, [own], new Map(), systemClock).then(
          () => 'ready',
          (error: Error) => error.message,
        )
      } finally {
        await own.dispose()
      }
    }
    const reason = 'warm-up: twice@1: output y of the graph: must have 1 rows, got [2]'

    it.each(['thread', 'process'] as const)('is not ready in a %s', async (kind) => {
      expect(await refusal({ kind })).toBe(reason)
    })

    it('is not ready on a server elsewhere', async () => {
      const of = (shape: readonly number[]) => ({ name: 'y', datatype: 'FP32', shape })
      const server = createServer((request, response) => {
        request.resume()
        const send = (value: object) => response.end(JSON.stringify(value))
        if (request.url === '/v2') return send({ name: 'other', extensions: [] })
        if (request.url?.endsWith('/infer')) return send({ outputs: [{ ...of([2]), data: [1, 1] }] })
        return send({ inputs: [{ ...of([-1]), name: 'x' }], outputs: [of([-1])] })
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      try {
        expect(await refusal({ remote: { endpoints: [`127.0.0.1:${port}`] } })).toBe(reason)
      } finally {
        server.close()
        server.closeAllConnections()
      }
    })
  })
})
