import type { Clock } from '../../lib/clock'
import { LoadError, PresageError } from '../../lib/errors'
import { atOncePace, GentlePace, type Pace } from '../../lib/scheduling/turns'
import { compileModel } from '../../models/compile/compileModel'
import { type Golden, readGolden } from '../../models/compile/golden'
import { sampleColumns } from '../../models/compile/sampleColumns'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { readOutputs } from '../../models/manifest/readOutputs'
import { servesProblem } from '../../models/manifest/servesObjective'
import { contentHash } from '../../models/repository/contentHash'
import type { FoundVersion } from '../../models/repository/repository'
import type { GraphSignature } from '../../models/types/tensor'
import type { WarmUpBatch } from '../../workers/pool/warmUp'
import type { Shard } from '../../workers/shard'
import type { RowTaker } from '../calls/cacheUse'
import { checkGolden } from './checkGolden'
import { serverRows } from './serverRows'

export interface LoadVersionOptions {
  readonly gently?: boolean
  readonly checked?: boolean
  readonly known?: Model | undefined
}

/**
 * Brings one version into service on its shards: loads sessions, compares the graph's signature with the manifest,
 * checks its objectives, warms it up and runs the golden cases. Throws a LoadError of one line that names the step,
 * what was expected and what came. The version is then served on none of the shards, and they free what it took. With
 * `gently` it loads in small steps, so that the rows of versions in service wait as little as possible. Without `checked`
 * golden cases are at most warmed up with. What an earlier load on workers of this machine returned is `known`: since a
 * version never changes, it is then neither compiled nor checked again.
 */
export async function loadVersion(
  version: FoundVersion,
  shards: readonly Shard[],
  objectives: ReadonlyMap<string, Objective>,
  clock: Clock,
  { gently = false, known, checked = known === undefined }: LoadVersionOptions = {},
): Promise<Model> {
  const { manifest, goldenPath } = version
  const pace = gently ? new GentlePace() : atOncePace
  try {
    const signature = await step('session', () => openSessions(version, shards))
    const compile = () => step('signature', () => pace.piece(() => compileModel(version, signature)))
    const model = known ?? (await compile())
    const problem = known === undefined ? servesProblem(manifest.serves, model, objectives) : undefined
    if (problem !== undefined) throw new LoadError([problem])
    const read = async () =>
      goldenPath === undefined ? undefined : await pace.piece(() => readGolden(goldenPath))
    const golden = checked ? await step('golden cases', read) : undefined
    await step('warm-up', () => warmUp(model, shards, checked ? () => golden : read, pace, gently))
    for (const shard of shards) shard.serve(model)
    await step('golden cases', async () => {
      for (const [at, shard] of shards.entries()) {
        const check = golden && ((taker: RowTaker) => checkGolden(model, golden, taker, clock, pace))
        // Workers of this machine run the same files; each server elsewhere may have others.
        if (shard.remote) await shard.remote.verify(model, (run) => check?.(serverRows(model, run)))
        else if (at === 0) await check?.(shard)
      }
    })
    return model
  } catch (error) {
    // Not awaited: the unload may continue while others load.
    for (const shard of shards) void shard.unload(version.key)
    throw error
  }
}

/** On each shard. Returns the graph's signature. */
async function openSessions(version: FoundVersion, shards: readonly Shard[]): Promise<GraphSignature> {
  const { key, graphPath, manifest } = version
  const { instances, graph, remote } = manifest
  const { sha256, data } = graph
  const loads = shards.map((shard) =>
    shard.load(key, graphPath, {
      ...{ instances, sha256, data, remote },
      outputs: readOutputs(manifest),
      contentHash: contentHash(version),
    }),
  )
  // A shard that is still loading the version when another one refuses it would keep it.
  await Promise.allSettled(loads)
  const [signature] = await Promise.all(loads)
  return signature
}

/** Runs the manifest's batch sizes once on every worker that holds the model, and checks what must hold for every row. */
async function warmUp(
  model: Model,
  shards: readonly Shard[],
  readCases: () => Golden | undefined | Promise<Golden | undefined>,
  pace: Pace,
  gently: boolean,
): Promise<void> {
  const warm = async ({ features, samples }: Pick<Model, 'features' | 'samples'>) => {
    const batches: WarmUpBatch[] = []
    for (const rows of model.manifest.warmUp) {
      const raw = sampleColumns({ features, samples }, rows)
      const { columns, errors } = await pace.piece(() => model.validate(raw, rows))
      const refused = errors?.find((error) => error !== undefined)
      if (refused !== undefined) throw refused
      batches.push({
        rows,
        make: () => model.preprocess(columns, rows),
        check: (answer) => model.checkOutputs(answer, rows),
      })
    }
    await Promise.all(shards.map((shard) => shard.warm(model.key, batches, { gently })))
  }
  try {
    await warm(model)
  } catch (error) {
    const isRefused = error instanceof PresageError && error.code === 'INFERENCE_FAILED'
    const golden = isRefused ? await readCases() : undefined
    if (golden === undefined) throw error
    // Some graphs, such as encoders of categories, fail on text that they do not know. A golden case has known text.
    const samples = { ...model.samples, ...golden.cases[0].input }
    await warm({ features: model.features, samples }).catch(() => {
      throw error
    })
  }
}

/** Prefixes errors of a step with its name. */
async function step<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof LoadError || error instanceof PresageError)) {
      const told = new LoadError([`${name}: ${error instanceof Error ? error.message : String(error)}`])
      told.cause = error
      throw told
    }
    throw new LoadError([`${name}: ${error.message.replaceAll('\n', '; ')}`])
  }
}
