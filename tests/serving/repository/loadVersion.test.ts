import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock'
import { packageRoot } from '../../../lib/packagePaths'
import { type FoundVersion, readVersion } from '../../../models/repository/readVersion'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { createShard, type Shard } from '../../../workers/shard'

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
  function summing(name: string, sum: number): FoundVersion {
    const folder = join(root, name, '1')
    mkdirSync(folder, { recursive: true })
    copyFileSync(listSum, join(folder, 'model.onnx'))
    const graph = readFileSync(listSum)
    const sha256 = createHash('sha256').update(graph).digest('hex')
    writeFileSync(
      join(folder, 'golden.json'),
      JSON.stringify({ cases: [{ input: { ids: ['b', 'c'] }, output: { sum } }] }),
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
})
