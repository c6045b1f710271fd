import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock'
import { PresageError } from '../../../lib/errors'
import { Emitter } from '../../../lib/events'
import { noMetrics } from '../../../lib/metrics'
import { packageRoot } from '../../../lib/packagePaths'
import { loadRepository } from '../../../models/repository/repository'
import type { GraphSignature, Tensors } from '../../../models/types/tensor'
import { loadVersions } from '../../../serving/repository/loadVersions'
import { ModelRegistry } from '../../../serving/repository/modelRegistry'
import { createPredictionRuntime } from '../../../serving/requests/predictionRuntime'
import type { RuleBook } from '../../../serving/rules/ruleBook'
import type { Worker } from '../../../workers/runtime/worker'
import { createShard, type Shard } from '../../../workers/shard'

const signature: GraphSignature = {
  inputs: [{ name: 'features', type: 'float32', shape: ['batch', 26] }],
  outputs: [{ name: 'probability', type: 'float32', shape: ['batch'] }],
}

/** One copy of a good version for each step that can fail, named for it, and what the log says of it. */
const mistakes: Readonly<Record<string, { edit?: (manifest: string) => string; why: string }>> = {
  manifest: {
    edit: (text) => text.replace('owner: payments', 'owner: ""'),
    why: 'manifest: FOLDER/model.yaml:7: owner: must not be empty, got ""',
  },
  placement: { why: 'placement: must be shards of this process (main), got gpu' },
  session: { why: 'session: the graph is broken' },
  signature: {
    why: 'signature: input features of the graph: must be 25 wide, got 26 columns',
  },
  objective: {
    edit: (text) => text.replace('serves: [PAYMENT_RISK]', 'serves: [PAYMENT_RISK, WEATHER]'),
    why: 'serves: must be an objective (ABUSE_SCORE, PAYMENT_RISK), got WEATHER',
  },
  output: {
    edit: (text) => text.replace(/ {2}decision: .*\n/, ''),
    why: 'serves PAYMENT_RISK: output decision: must be provided for PAYMENT_RISK, got probability',
  },
  warmup: { why: 'warm-up: the runtime refuses a batch' },
  golden: {
    edit: (text) => `${text}golden: golden.json\n`,
    why: 'golden cases: case 0: probability: must be GOLDEN, got 0.5',
  },
}

let root: string
let shard: Shard

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'presage-versions-'))
  const streaming = join(packageRoot, 'examples/streaming')
  cpSync(join(streaming, 'objectives'), join(root, 'objectives'), { recursive: true })
  for (const name of ['good', ...Object.keys(mistakes)]) {
    const folder = join(root, 'models', name, '1')
    cpSync(join(streaming, 'models/payment-risk/1'), folder, { recursive: true })
    const file = join(folder, 'model.yaml')
    const text = readFileSync(file, 'utf8')
      .replace('name: payment-risk', `name: ${name}`)
      .replace('golden: golden.json\n', '')
    const edited = mistakes[name]?.edit?.(text) ?? text
    if (edited === text && mistakes[name]?.edit) throw new Error(`nothing to change for ${name}`)
    writeFileSync(file, edited)
  }
  rmSync(join(root, 'objectives/RECOMMEND_TITLES.yaml'), { force: true })
  shard = await createShard({
    name: 'main',
    kind: 'thread',
    workers: 1,
    inline: 'never',
    start: async (id) => halfWorker(id),
  })
})
afterAll(async () => {
  await shard.dispose()
  rmSync(root, { recursive: true })
})

it('says of each version which step refused it, in one line, and brings the rest into service', async () => {
  const { versions, objectives } = loadRepository([root])
  const wanted = new Map([...objectives].filter(([name]) => ['ABUSE_SCORE', 'PAYMENT_RISK'].includes(name)))
  const registry = new ModelRegistry()
  const serving = createPredictionRuntime({
    objectives: wanted,
    registry,
    shards: new Map([['main', shard]]),
    rules: {} as RuleBook,
    clock: systemClock,
    metrics: noMetrics,
    maxRows: 10,
  })
  const lines: string[] = []
  const loaded = loadVersions(
    versions,
    (key) => (key === 'placement@1' ? ['gpu'] : ['main']),
    serving,
    (line) => lines.push(line),
  )
  const states = () => new Map(registry.list().map(({ name, state }) => [name, state.is]))
  expect(states()).toEqual(
    new Map(
      ['good', ...Object.keys(mistakes)]
        .sort()
        .map((name) => [name, ['manifest', 'placement'].includes(name) ? 'refused' : 'loading']),
    ),
  )
  await loaded
  expect(states().get('good')).toBe('ready')
  expect([...states().values()].filter((state) => state === 'ready')).toHaveLength(1)

  const legible = (line: string) =>
    line.replaceAll(/\S*models\/\w+\/1/g, 'FOLDER').replace(/must be 0\.\d+,/, 'must be GOLDEN,')
  expect(lines.map(legible).sort()).toEqual(
    Object.entries(mistakes)
      .map(([name, { why }]) => `${name}@1 is not ready: ${why}`)
      .sort(),
  )
  for (const [name] of Object.entries(mistakes)) {
    const { state } = registry.get(`${name}@1`)!
    expect(state.is === 'refused' && lines).toContain(
      `${name}@1 is not ready: ${state.is === 'refused' && state.reason}`,
    )
  }
})

it('says where it has loaded a version, whatever rules place it elsewhere meanwhile', async () => {
  const { versions, objectives } = loadRepository([root])
  const registry = new ModelRegistry()
  const host = { objectives, registry, shards: new Map([['main', shard]]), clock: systemClock }
  await shard.unload('good@1')
  const good = versions.filter(({ name }) => name === 'good')
  let placed = 'main'
  const loaded = loadVersions(
    good,
    () => [placed],
    host,
    () => {},
  )
  placed = 'gpu'
  await loaded
  expect(registry.get(good[0].key)).toMatchObject({ state: { is: 'ready' }, shards: ['main'] })
})

/** A worker without a runtime: answers 0.5 for every row, and fails where a version is named for it. */
function halfWorker(id: string): Worker {
  const never = new Emitter<never>().event
  return {
    id,
    kind: 'half',
    async load(key) {
      if (key === 'session@1') throw new Error('the graph is broken')
      if (key !== 'signature@1') return signature
      return { ...signature, inputs: [{ ...signature.inputs[0], shape: ['batch', 25] }] }
    },
    async infer(key, { features }: Tensors) {
      if (key === 'warmup@1') throw new PresageError('INFERENCE_FAILED', 'the runtime refuses a batch')
      const [rows] = features.dims
      const data = new Float32Array(rows).fill(0.5)
      return { tensors: { probability: { type: 'float32', dims: [rows], data } }, computeMs: 0 }
    },
    lost: never,
    stalled: never,
    dispose: async () => {},
  }
}
