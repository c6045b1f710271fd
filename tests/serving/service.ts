import { execute, type GraphQLSchema, getOperationAST, parse, specifiedRules, validate } from 'graphql'
import { defaultLimits } from '../../gateway/limits/limits'
import { createLocalExecutor } from '../../gateway/local/localExecutor'
import { createGateway } from '../../gateway/supergraph/presageGateway'
import { type Clock, systemClock } from '../../lib/clock'
import { Emitter } from '../../lib/events'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { type ClientRequest, createClientRequest } from '../../lib/request/clientRequest'
import type { Model } from '../../models/contracts/model'
import { parseObjective } from '../../models/objectives/parseObjective'
import type { CompiledRouter } from '../../routing/compile/compileRouter'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { Router } from '../../routing/ruleSet/router'
import { type ObjectiveRules, type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { compilePlan } from '../../schema/compile/compilePlan'
import { composeSupergraph } from '../../schema/composition/composeSupergraph'
import type { Plan } from '../../schema/fields/plan'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { CacheStore } from '../../serving/cache/cacheStore'
import { MemoryStore } from '../../serving/cache/memoryStore'
import { PredictionCache } from '../../serving/cache/predictionCache'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import { ModelRegistry } from '../../serving/repository/modelRegistry'
import { createPredictionRuntime, type PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { type ActiveRules, compileRules, createRuleBook } from '../../serving/rules/ruleBook'
import type { StartWorker } from '../../workers/pool/startWorker'
import type { Worker } from '../../workers/runtime/worker'
import { createShard } from '../../workers/shard'
import { type Answer, contextOf, plain } from '../gateway/federate'
import { callerOf } from '../support/callerOf'
import { CountedMetrics } from '../support/countedMetrics'
import { type ProbedBatch, type ProbeSpec, probeModel } from './probeModel'

export interface ServiceParts {
  /** By name; the links are added. */
  readonly subgraphs: Readonly<
    Record<string, { readonly sdl: string; readonly resolvers?: SubgraphResolvers }>
  >
  /** By name: what stands below `objective:` and `description:`. */
  readonly objectives?: Readonly<Record<string, string>>
  readonly models: readonly ProbeSpec[]
  /** By objective, the version that answers; the objective's own `probe@1` unless said. */
  readonly rules?: Readonly<Record<string, string>>
  /** By objective, what else its rules say. */
  readonly moreRules?: Readonly<Record<string, Partial<ObjectiveRules>>>
  readonly experiments?: RuleSet['experiments']
  /** By model, where it is placed; `main` unless said. */
  readonly placement?: Readonly<Record<string, string | readonly string[]>>
  readonly shards?: readonly string[]
  readonly contextKeys?: Readonly<Record<string, 'string' | 'number' | 'boolean'>>
  /** Instead of the one that the rules make. */
  readonly router?: Router
  readonly clock?: Clock
  readonly start?: StartWorker
  readonly maxRows?: number
  /** Where answers are kept of objectives that say `cache`; in memory, without bounds that matter, unless said. */
  readonly cacheStore?: CacheStore
  /** Whether graphql-js runs the subgraphs' operations, row by row. */
  readonly byRow?: boolean
}

/** Gateway, subgraphs, routing and batching as a deployment has them, over models that tell what reached them. */
export interface Service {
  readonly serving: PredictionRuntime
  readonly plan: Plan
  readonly metrics: CountedMetrics
  /** By subgraph. */
  readonly schemas: ReadonlyMap<string, GraphQLSchema>
  /** Every batch that was built, in order. */
  readonly batches: readonly ProbedBatch[]
  /** The version that is ready under that key. */
  model(key: string): Model
  query(text: string, variables?: Record<string, unknown>, request?: Partial<ClientRequest>): Promise<Answer>
  dispose(): Promise<void>
}

const links = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])
`

export async function startService(parts: ServiceParts): Promise<Service> {
  const { clock = systemClock, shards: shardNames = ['main'] } = parts
  const batches: ProbedBatch[] = []
  const models = new Map(parts.models.map((spec) => [spec.key, probeModel(spec, batches)]))
  const objectives = new Map(
    Object.entries(parts.objectives ?? {}).map(([name, text]) => [
      name,
      parseObjective(`objective: ${name}\ndescription: a test\n${text}`, `${name}.yaml`),
    ]),
  )
  const ruleSet = parseRuleSet(
    JSON.stringify({
      objectives: Object.fromEntries(
        [...objectives.keys()].map((name) => [
          name,
          { default: parts.rules?.[name] ?? 'probe@1', ...parts.moreRules?.[name] },
        ]),
      ),
      experiments: parts.experiments ?? {},
      placement: parts.placement ?? {},
    }),
    'rules.yaml',
  )
  const sources = Object.entries(parts.subgraphs).map(([name, { sdl }]) => {
    return { name, url: `http://${name}`, file: `${name}.graphql`, sdl: links + sdl }
  })
  const plan = compilePlan(sources, {
    objectives,
    models,
    shards: shardNames,
    contextKeys: new Map(Object.entries(parts.contextKeys ?? {})),
    shardsOf: (model) => shardsOf(ruleSet, model),
    hasResolver: (subgraph, type, field) => {
      const resolvers = parts.subgraphs[subgraph].resolvers ?? {}
      return Object.hasOwn(resolvers, type) && Object.hasOwn(resolvers[type], field)
    },
  })
  const metrics = new CountedMetrics()
  const registry = new ModelRegistry()
  const start = parts.start ?? ((id) => Promise.resolve(tenfoldWorker(id)))
  const shards = await Promise.all(
    shardNames.map((name) => createShard({ name, kind: 'thread', workers: 1, clock, metrics, start })),
  )
  for (const [key, model] of models) {
    const placed = shards.filter((shard) => shardsOf(ruleSet, key).includes(shard.name))
    for (const shard of placed) {
      await shard.load(key, 'model.onnx')
      shard.serve(model)
    }
    const { name, version } = model.manifest
    const state = { is: 'ready', model } as const
    registry.set({ key, name, version, shards: placed.map((shard) => shard.name), state })
  }
  const inForce = compileRules({ number: 1, sha256: 'of a test', ruleSet }, objectives, registry)
  const compiled: ActiveRules = parts.router === undefined ? inForce : decidedBy(parts.router, inForce)
  const serving = createPredictionRuntime({
    objectives,
    registry,
    shards: new Map(shards.map((shard) => [shard.name, shard])),
    rules: createRuleBook(compiled),
    clock,
    metrics,
    maxRows: parts.maxRows ?? 10_000,
    cache: new PredictionCache({
      store: parts.cacheStore ?? new MemoryStore({ maxEntries: 1_000, maxBytes: 1_000_000, clock, metrics }),
      clock,
      metrics,
    }),
  })
  const schemas = new Map<string, GraphQLSchema>()
  const executors = sources.map((source) => {
    const { name } = source
    const fields = plan.fields.filter((field) => field.subgraph === name)
    const { document } = withPredictDirective(source)
    const schema = buildPredictionSubgraph(document, parts.subgraphs[name].resolvers ?? {}, fields, serving)
    schemas.set(name, schema)
    const executor = parts.byRow === true ? rowByRow(schema) : local(name, schema)
    return [name, executor] as const
  })
  const gateway = createGateway({
    supergraphSdl: composeSupergraph(sources, plan),
    executors: new Map(executors),
    limits: defaultLimits,
    clock,
  })
  return {
    serving,
    plan,
    metrics,
    schemas,
    batches,
    model: (key) => models.get(key)!,
    async query(text, variables, request) {
      const document = parse(text)
      const errors = validate(gateway.apiSchema, document, [...specifiedRules, ...gateway.validationRules])
      if (errors.length > 0 || !getOperationAST(document)) return { errors }
      const client = createClientRequest({
        id: 'test',
        deadline: clock.now() + 10_000,
        ...request,
        caller: request?.signal && callerOf(request.signal),
      })
      return plain(await gateway.executor(contextOf(text, document, variables, client)))
    },
    async dispose() {
      await Promise.all(shards.map((shard) => shard.dispose()))
    },
  }
}

function local(name: string, schema: GraphQLSchema): SubgraphExecutor {
  return createLocalExecutor(name, schema)
}

/** As under a server that knows nothing of columns. */
function rowByRow(schema: GraphQLSchema): SubgraphExecutor {
  return {
    execute: async ({ document }, variableValues, request) =>
      execute({ schema, document, variableValues, contextValue: { request } }),
  }
}

/** Starts a service for one test, and ends it with the test. */
export function createServices(): (parts: ServiceParts) => Promise<Service> {
  const running: Service[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.dispose()))
  })
  return async (parts) => {
    const service = await startService(parts)
    running.push(service)
    return service
  }
}

/** Answers every batch at once, with y = 10 x. */
function tenfoldWorker(id: string): Worker {
  const never = new Emitter<never>().event
  return {
    id,
    kind: 'tenfold',
    load: async () => ({ inputs: [], outputs: [] }),
    async infer(_, { x }) {
      const data = Float32Array.from(x.data as Float32Array, (value) => 10 * value)
      return { tensors: { y: { type: 'float32', dims: x.dims, data } }, computeMs: 0 }
    },
    lost: never,
    stalled: never,
    dispose: async () => {},
  }
}

function decidedBy(router: Router, rules: ActiveRules): ActiveRules {
  return {
    ...rules,
    router: router as CompiledRouter,
    wayOf: ({ target, shard }) =>
      target.kind === 'model'
        ? undefined
        : { own: rules.objective(target.objective), router: router.for(target.objective, shard) },
  }
}
