import type { Readiness } from '../../gateway/admin/adminPages'
import { systemClock } from '../../lib/clock'
import { invariant } from '../../lib/invariant'
import type { PlatformServices } from '../../platform/services'
import type { PredictionField } from '../../schema/fields/plan'
import { createReadiness } from '../../serving/repository/readiness'
import { createRouteResolver, type ResolveRoute } from '../../serving/routes/resolveRoute'
import type { StartWorker } from '../../workers/pool/startWorker'
import type { Config } from '../config/config'
import { placedLog, withPlaces } from '../config/shards/settingPlaces'
import { isPlatform } from '../graph/deploymentSources'
import { type CheckedSubgraphs, knownNames } from '../graph/graph'
import { mayAnswer } from '../predictions/mayAnswer'
import { type PredictionParts, type Predictions, startPredictions } from '../predictions/startPredictions'
import { readMeanwhile, startShards } from '../predictions/startShards'
import type { NodePlace } from '../rules/openStore'
import { platformRules } from '../rules/platformRules'
import { ruledVersions } from '../rules/preparedRules'
import { type RunningRules, startRules } from '../rules/runningRules'

/** What answers the prediction fields of one process: workers, models and rules. */
export interface Runtime<R, G extends CheckedSubgraphs = CheckedSubgraphs>
  extends Pick<Predictions, 'serving' | 'repository' | 'repositoryChanged' | 'reload' | 'dispose'> {
  /** The graph that the runtime started with. */
  readonly graph: G
  readonly resolvers: R
  readonly fields: readonly PredictionField[]
  readonly resolveRoute: ResolveRoute
  readonly rules: RunningRules
  readonly services: () => PlatformServices
  /** Switches to the fields of another graph, on the same workers, models and rules, without disturbing requests. */
  adopt(graph: G): void
  readiness(): Readiness
  /** As that of the predictions. Settles when the rules in effect are prepared, too, or cannot be. */
  load(): Promise<void>
}

export interface RuntimeOptions<R, G extends CheckedSubgraphs>
  extends Pick<PredictionParts, 'metrics' | 'log' | 'onOutdated' | 'quietMs'> {
  /** Whose fields this process answers, with the versions that these may need; absent or the platform: all. */
  readonly subgraph?: string
  /** Reads the graph while the workers start. The platform's resolvers get their services when they are called. */
  read(services: () => PlatformServices): Promise<{ readonly graph: G; readonly resolvers: R }>
  /** Name and place of this process's rule node. */
  readonly place: NodePlace
  /** How to start a worker, on every shard; tests use it for workers that die on command. */
  readonly startWorker?: StartWorker | undefined
}

/** Starts what a graph's predictions need. Rejects with a LoadError that lists all problems, with nothing running. */
export async function startRuntime<R, G extends CheckedSubgraphs>(
  config: Config,
  { subgraph, read, metrics, place, log, onOutdated, quietMs, startWorker }: RuntimeOptions<R, G>,
): Promise<Runtime<R, G>> {
  const { file } = config
  const shards = withPlaces(file, () =>
    startShards(config.shards, {
      clock: systemClock,
      metrics,
      log: placedLog(file, log),
      start: startWorker,
    }),
  )
  let services: PlatformServices | undefined
  const started = (): PlatformServices => {
    invariant(services !== undefined, 'resolvers ask for services before these have started')
    return services
  }
  const { graph, resolvers } = await readMeanwhile(shards, async () => {
    const found = await read(started)
    for (const line of found.graph.report) log(line)
    return found
  })

  const isPart = subgraph !== undefined && !isPlatform(config, subgraph)
  const ownFields = ({ plan }: G) =>
    plan.fields.filter((field) => subgraph === undefined || field.subgraph === subgraph)
  let { plan } = graph
  let own = ownFields(graph)
  const predictions = await readMeanwhile(shards, () =>
    startPredictions(config, graph, {
      fields: own,
      ...(isPart && { isWanted: (version, rules) => mayAnswer(own, rules, version) }),
      metrics,
      log,
      onOutdated,
      quietMs,
      shards,
    }),
  )
  const { serving, load, reload, repository, repositoryChanged } = predictions
  let rules: RunningRules | undefined
  const dispose = async () => {
    await rules?.dispose()
    await predictions.dispose()
  }
  try {
    const names = () => knownNames(config, repository, plan)
    const running = await startRules(config, {
      predictions,
      knownNames: names,
      fields: () => own,
      isPart,
      place,
      log,
    })
    rules = running
    const resolveRoute = createRouteResolver({
      runtime: serving,
      context: new Map(Object.entries(config.context)),
      lifetimeMs: config.routes.lifetime,
    })
    const known = {
      serving,
      comparisons: predictions.records.comparisons,
      distributions: predictions.records.distributions,
      resolveRoute,
      get plan() {
        return plan
      },
      get ruleSet() {
        return serving.rules.current().ruleSet
      },
      version: (key: string) => repository.get(key),
      tryModelAllowed: config.tryModel,
      rules: platformRules(config, running, names, log),
    }
    services = known
    const createReady = () => {
      const needed = isPart ? { ...plan, fields: own } : plan
      const ruled = () => ruledVersions(serving.rules.current().ruleSet, isPart ? own : undefined)
      return createReadiness(serving.registry, ruled, needed)
    }
    let isReady = createReady()
    return {
      graph,
      resolvers,
      fields: own,
      serving,
      resolveRoute,
      rules: running,
      repository,
      repositoryChanged,
      services: () => known,
      adopt(next) {
        plan = next.plan
        own = ownFields(next)
        predictions.serveFields(own)
        isReady = createReady()
        running.fieldsChanged()
      },
      readiness: running.readiness(() => isReady()),
      load: () => running.begin(load()),
      reload,
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
