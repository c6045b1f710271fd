import type { Clock } from '../../lib/clock'
import { columnOf } from '../../lib/column'
import { LoadError, PresageError } from '../../lib/errors'
import { readWithin } from '../../lib/files/readWithin'
import { shortPath } from '../../lib/packagePaths'
import { atOncePace, GentlePace, type Pace } from '../../lib/scheduling/turns'
import { compileModel } from '../../models/compile/compileModel'
import { compareGolden, parseGolden } from '../../models/compile/golden'
import { sampleColumns } from '../../models/compile/sampleColumns'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { servesObjective } from '../../models/manifest/servesObjective'
import type { FoundVersion } from '../../models/repository/repository'
import type { Tensors } from '../../models/types/tensor'
import type { Shard } from '../../workers/shard'
import { ModelCalls } from '../calls/modelCalls'

/** How long the golden cases may take. Generous, because a model may be slow and still work. */
const LOAD_DEADLINE_MS = 60_000

/** The most bytes of a golden file, which is read in one piece. */
const maxGoldenBytes = 2 ** 20

/**
 * Brings one version into service on its shards: loads sessions, compares the graph's signature with the manifest,
 * checks its objectives, warms it up and runs the golden cases. Throws a LoadError of one line that names the step,
 * what was expected and what came. The version is then served on none of the shards, and they free what it took. With
 * `gently` it loads in small steps, so that the rows of versions in service wait as little as possible.
 */
export async function loadVersion(
  version: FoundVersion,
  shards: readonly Shard[],
  objectives: ReadonlyMap<string, Objective>,
  clock: Clock,
  { gently = false }: { readonly gently?: boolean } = {},
): Promise<Model> {
  try {
    return await bringIntoService(version, shards, objectives, clock, gently)
  } catch (error) {
    // Not awaited: the unload may continue while others load.
    for (const shard of shards) void shard.unload(version.key)
    throw error
  }
}

async function bringIntoService(
  version: FoundVersion,
  shards: readonly Shard[],
  objectives: ReadonlyMap<string, Objective>,
  clock: Clock,
  gently: boolean,
): Promise<Model> {
  const { manifest } = version
  const pace = gently ? new GentlePace() : atOncePace
  const model = await createSessions(version, shards, pace)
  for (const name of manifest.serves) {
    const objective = objectives.get(name)
    if (objective === undefined) {
      throw new LoadError([
        `serves: must be an objective (${[...objectives.keys()].join(', ')}), got ${name}`,
      ])
    }
    const problems = servesObjective(model.features, model.outputs, objective)
    if (problems.length > 0) throw new LoadError([`serves ${name}: ${problems.join('; ')}`])
  }
  await step('warm-up', () => warmUp(model, shards, pace, gently))
  for (const shard of shards) shard.serve(model)
  const { goldenPath } = version
  if (goldenPath !== undefined)
    await step('golden cases', () => checkGolden(model, goldenPath, shards[0], clock, pace))
  return model
}

async function createSessions(version: FoundVersion, shards: readonly Shard[], pace: Pace): Promise<Model> {
  const { key, graphPath, manifest } = version
  const signatures = await step('session', () => {
    return Promise.all(
      shards.map((shard) =>
        shard.load(key, graphPath, { instances: manifest.instances, sha256: manifest.graph.sha256 }),
      ),
    )
  })
  return step('signature', () => pace.piece(() => compileModel(version, signatures[0])))
}

/** Runs the manifest's batch sizes once on every worker that holds the model. */
async function warmUp(model: Model, shards: readonly Shard[], pace: Pace, gently: boolean): Promise<void> {
  const batches: (() => Tensors)[] = []
  for (const rows of model.manifest.warmUp) {
    const { columns, errors } = await pace.piece(() => model.validate(sampleColumns(model, rows), rows))
    const refused = errors?.find((error) => error !== undefined)
    if (refused !== undefined) throw refused
    batches.push(() => model.preprocess(columns, rows))
  }
  await Promise.all(shards.map((shard) => shard.warm(model.key, batches, { gently })))
}

async function checkGolden(
  model: Model,
  file: string,
  shard: Shard,
  clock: Clock,
  pace: Pace,
): Promise<void> {
  const golden = await pace.piece(() => {
    return parseGolden(readWithin(file, maxGoldenBytes).toString(), shortPath(file))
  })
  const raw = model.features.map((feature) => columnOf(golden.cases, (one) => one.input[feature.name]))
  const rows = golden.cases.length
  const { columns, errors } = await pace.piece(() => model.validate(raw, rows))
  const wanted = model.outputs.map((output) => output.name)
  const deadline = clock.now() + LOAD_DEADLINE_MS
  const prediction = await new ModelCalls(model, shard).predict(columns, rows, { errors, wanted, deadline })
  for (let row = 0; row < rows; row++) {
    const difference = await pace.piece(() => {
      const actual = Object.fromEntries(wanted.map((output) => [output, prediction.outputs[output][row]]))
      return compareGolden(golden.cases[row], prediction.errors[row] ?? actual, golden.tolerance)
    })
    if (difference !== undefined) throw new LoadError([`case ${row}: ${difference}`])
  }
}

/** Prefixes errors of a step with its name. */
async function step<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof LoadError || error instanceof PresageError)) {
      throw new LoadError([`${name}: ${error instanceof Error ? error.message : String(error)}`])
    }
    throw new LoadError([`${name}: ${error.message.replaceAll('\n', '; ')}`])
  }
}
