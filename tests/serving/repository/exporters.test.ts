import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock'
import { packageRoot } from '../../../lib/packagePaths'
import type { Model } from '../../../models/contracts/model'
import { type FoundVersion, readVersion } from '../../../models/repository/readVersion'
import { ModelCalls } from '../../../serving/calls/modelCalls'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { createShard, type Shard } from '../../../workers/shard'

const models = join(packageRoot, 'tests/fixtures/exporters/models')
const found = (name: string) => readVersion(join(models, name, '1')) as FoundVersion

/** Graphs as scikit-learn, XGBoost, LightGBM and PyTorch export them, and cases that these libraries answered. */
describe.each([
  ['thread', 'auto'],
  ['thread', 'never'],
  ['process', 'never'],
] as const)('on a shard of kind %s, inline %s', (kind, inline) => {
  let shard: Shard
  /** Several that leave together have the worker renewed once. */
  const unloading: Promise<void>[] = []

  beforeAll(async () => {
    // What is unloaded costs no new worker. Runs on this thread come late where versions load often.
    const loadsOften = inline === 'never'
    shard = await createShard({ name: 'main', kind, workers: 1, inline, loadsOften })
  })
  afterAll(async () => {
    await Promise.all(unloading.splice(0))
    await shard.dispose()
  })

  const load = (name: string) => loadVersion(found(name), [shard], new Map(), systemClock)

  it.each(readdirSync(models))('%s answers as it did in Python', async (name) => {
    const model = await load(name)
    expect(model.manifest.golden).toBe('golden.json')
    unloading.push(shard.unload(model.key))
  })

  it('a graph that takes only texts that it knows needs a golden case or categories', async () => {
    // Its golden file has such texts, and it was loaded above.
    const { goldenPath: _, ...version } = found('column-regressor')
    await Promise.all(unloading.splice(0))
    await expect(loadVersion(version, [shard], new Map(), systemClock)).rejects.toThrow(
      /^warm-up: .*Unknown Category.*name the known ones in categories of the step$/,
    )
    const sex = { text: 'sex', categories: ['female', 'male'] }
    const embarked = { text: 'embarked', fill: '', categories: ['', 'C', 'Q', 'S'] }
    const preprocess = { ...version.manifest.preprocess, sex, embarked }
    const manifest = { ...version.manifest, preprocess }
    const model = await loadVersion({ ...version, manifest }, [shard], new Map(), systemClock)
    const { errors } = model.validate([[1], [1], [1], ['C'], ['unknown']], 1)
    expect(errors?.map((error) => error?.code)).toEqual(['BAD_FEATURE'])
    await shard.unload(model.key)
  })

  it('rows of text that come together answer as each alone, equal ones once', async () => {
    const model = await load('column-pipeline')
    const rows = [
      [22, 7.25, 1, 'S', 'male'],
      [null, 71.5, 0, null, 'female'],
      [22, 7.25, 1, 'S', 'male'],
      [38, 12, 3, 'somewhere else', 'female'],
    ]
    const together = await answers(model, shard, rows)
    const alone = await Promise.all(rows.map(async (row) => (await answers(model, shard, [row]))[0]))
    expect(together).toEqual(alone)
    expect(new Set(together.map(({ survival }) => survival)).size).toBe(3)
    for (const { label, outcome, likeliest } of together) {
      expect(['died', 'survived']).toContain(label)
      expect([outcome, likeliest]).toEqual([label, label])
    }
  })
})

async function answers(
  model: Model,
  shard: Shard,
  rows: readonly (readonly unknown[])[],
): Promise<Record<string, unknown>[]> {
  const raw = model.features.map((_, feature) => rows.map((row) => row[feature]))
  const { columns, errors } = model.validate(raw, rows.length)
  expect(errors).toBeUndefined()
  const wanted = model.outputs.map(({ name }) => name)
  const deadline = systemClock.now() + 60_000
  const { outputs } = await new ModelCalls(model, shard).predict(columns, rows.length, {
    errors,
    wanted,
    deadline,
  })
  return rows.map((_, row) => Object.fromEntries(wanted.map((name) => [name, outputs[name][row]])))
}
