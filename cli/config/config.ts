import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { parseNetwork } from '../../gateway/identity/trustedProxies'
import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import { byteSize } from '../../lib/files/byteSize'
import { parseExpanded } from '../../lib/files/parseExpanded'
import { readYaml } from '../../lib/files/parseYaml'
import { readTextFile } from '../../lib/files/readTextFile'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { milliseconds, port, positiveMilliseconds, text, whole } from '../../lib/files/shapes'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { processCount } from '../processes/member'
import { cacheShape } from './cacheConfig'
import { consoleShape } from './consoleConfig'
import { type ContextKey, contextKeys, contextShape } from './contextConfig'
import { documentsShape } from './documentsConfig'
import { gatewayShape } from './gatewayConfig'
import { limitsShape } from './limitsConfig'
import { logShape } from './logConfig'
import { platformShape } from './platformConfig'
import { exposuresShape, shadowsShape } from './recordsConfig'
import { absolutePaths, endpointsShape, resolveTls, tlsShape, workerShape } from './remoteConfig'
import { type RuleStoreConfig, resolveRules, rulesShape } from './rulesConfig'
import { type MembersConfig, membersShape, resolveMembers } from './shards/membersConfig'
import { resolveTrust, type TrustConfig, trustShape } from './trustConfig'
import { leastWorkerMemory, workerMemoryShare } from './workerMemory'

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must be a name of letters, digits, _ and -')
const positive = whole(1)
const origin = text
  .refine((value) => ['*', 'localhost'].includes(value) || isOrigin(value), {
    error: 'must be an origin such as https://example.com, localhost or "*"',
    abort: true,
  })
  .refine((value) => value === '*' || !value.includes('*'), {
    error: 'must be a whole origin, because only "*" by itself stands for others',
  })

/** The shape of `presage.yaml`, with the defaults of each section. */
export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: text.default('127.0.0.1').describe('The address to listen on.'),
      port: port.default(4000).describe('The port to listen on; 0 takes any that is free.'),
      admin: z
        .strictObject({
          port: port.describe('The port to listen on; 0 takes any that is free.'),
          host: text.default('127.0.0.1').describe('The address to listen on.'),
        })
        .optional()
        .describe(
          "A separate listener for metrics, health details and reloads; without it, they are for this machine only, at the graph's listener.",
        ),
      processes: z
        .union([z.literal('auto'), positive], { error: 'must be auto or a whole number from 1 on' })
        .default(1)
        .describe('How many processes of presage start or presage gateway serve; auto: one per core.'),
      timeout: positiveMilliseconds
        .prefault('1s')
        .describe('The deadline of a request, unless its header sets a shorter one.'),
      grace: milliseconds.prefault('10s').describe('How long a shutdown waits for requests in flight.'),
      fairness: z
        .strictObject({
          by: z
            .enum(['client', 'tenant'])
            .default('client')
            .describe('Who shares the time of a process fairly: clients, or tenants of verified tokens.'),
          weights: z
            .record(text, positive)
            .superRefine((weights, context) => {
              for (const name of Object.keys(weights))
                if (name.includes('/') && parseNetwork(name) !== undefined)
                  context.addIssue(
                    finishedIssue([name], 'must be for a tenant, token subject or address, got a network'),
                  )
            })
            .default({})
            .describe('Larger shares, as multiples of the usual one: by tenant, token subject or address.'),
        })
        .prefault({}),
      introspection: z.boolean().default(true),
      ide: z.boolean().default(true).describe('Whether browsers find an IDE at / and /sandbox.'),
      cors: z
        .strictObject({
          origins: z
            .array(origin)
            .default(['https://studio.apollographql.com'])
            .describe(
              'Origins whose pages may send requests, without credentials; localhost is this machine on any port, "*" is every origin.',
            ),
        })
        .prefault({}),
    })
    .prefault({}),
  graph: z
    .strictObject({
      subgraphs: z.string().default('rover.yaml').describe("The list of subgraphs, in rover's format."),
      supergraph: z.string().default('schema/supergraph.graphql'),
      planLock: z.string().default('schema/plan.lock.json'),
    })
    .prefault({}),
  repositories: z.array(z.string()).default(['.']).describe('Folders that hold objectives/ and models/.'),
  rules: rulesShape,
  shadows: shadowsShape,
  exposures: exposuresShape.optional(),
  cache: cacheShape,
  models: z
    .strictObject({
      watch: z
        .boolean()
        .default(true)
        .describe(
          'Whether to pick up versions and objectives that are added to or removed from the repositories.',
        ),
      poll: positiveMilliseconds
        .prefault('5s')
        .describe('How often to check the folders if the system does not report changes.'),
    })
    .prefault({}),
  shards: z
    .record(
      name,
      z.strictObject({
        kind: z.enum(['thread', 'process']).default('thread'),
        workers: z
          .union([z.literal('auto'), positive], { error: 'must be auto or a whole number from 1 on' })
          .default('auto')
          .describe('How many workers, or how many at most if they start on demand; auto: one per core.'),
        inline: z
          .enum(['auto', 'never'])
          .default('auto')
          .describe('Whether short runs happen on the thread that serves HTTP; never for a process shard.'),
        endpoints: endpointsShape.optional(),
        ...membersShape,
        protocol: z
          .enum(['grpc', 'http'], { error: 'must be grpc or http' })
          .optional()
          .describe('How endpoints are spoken to by the Open Inference Protocol; default http.'),
        tls: tlsShape,
        calls: positive.optional().describe('How many batches each endpoint may have at once; default 8.'),
        copies: positive
          .optional()
          .describe('How many endpoints hold a version before its load asks for more; default: all of them.'),
        cancel: z
          .enum(['rpc', 'timeout-only'], { error: 'must be rpc or timeout-only' })
          .optional()
          .describe(
            'Whether calls to endpoints that nobody needs any more are cancelled, or end by their timeout; default: as is safe for each server.',
          ),
        maxQueueRows: positive.optional().describe('Rows that may wait for one model.'),
        stallAfter: positiveMilliseconds
          .prefault('2s')
          .describe('A worker that does not answer for this long is replaced.'),
        memory: byteSize
          .refine((bytes) => bytes >= leastWorkerMemory, { error: 'must be a size from 128MiB on' })
          .optional()
          .describe(
            'A worker process that takes more is replaced; default: its share of half of the memory.',
          ),
      }),
    )
    .prefault({ main: {} }),
  worker: workerShape,
  context: contextShape.default({}),
  trust: trustShape,
  gateway: gatewayShape,
  limits: limitsShape,
  log: logShape,
  console: consoleShape,
  trustedDocuments: documentsShape.optional(),
  platform: platformShape,
  tryModel: z
    .boolean()
    .default(false)
    .describe('Whether clients with the role researcher may run any model version.'),
  routes: z
    .strictObject({
      lifetime: milliseconds
        .prefault('30s')
        .describe('How long clients may use a route that they have resolved.'),
    })
    .prefault({}),
  explain: z
    .boolean()
    .default(false)
    .describe('Whether any client may ask for explanations of predictions; if not, only researchers may.'),
  subgraphs: z
    .record(name, z.record(z.string(), z.string()))
    .default({})
    .describe("Settings of the subgraphs' own resolvers: files, relative to this one."),
})

type Parsed = z.infer<typeof configSchema>

/** The parsed configuration: all paths are absolute, all durations in milliseconds. */
export interface Config extends Omit<Parsed, 'shards' | 'context' | 'rules' | 'server' | 'trust'> {
  readonly file: string
  readonly server: Parsed['server'] & { processes: number }
  readonly trust: TrustConfig
  /** Path of the rule file. */
  readonly rules: string
  readonly ruleStore: RuleStoreConfig
  readonly context: Readonly<Record<string, ContextKey>>
  readonly shards: Readonly<Record<string, ShardConfig>>
}

/** A shard's settings, complete. */
export interface ShardConfig
  extends Omit<Parsed['shards'][string], 'tls' | 'endpoints' | keyof typeof membersShape> {
  readonly workers: number
  readonly tls?: ReturnType<typeof resolveTls>
  /** What tells where its servers are; undefined for a shard of this machine. */
  readonly members?: MembersConfig
}

/** Throws a LoadError with all problems and their paths. With `optional`, a missing file counts as an empty one. */
export function loadConfig(path: string, { optional = false } = {}): Config {
  const file = resolve(path)
  const name = shortPath(file)
  const text = optional && !existsSync(file) ? '{}' : readNamed(path)
  const place = yamlPlaces(text, name)
  const parsed = parseExpanded(configSchema, readYaml(text, name), name, place)
  const problems = [...tokenProblems(parsed), ...memoryProblems(parsed), ...serverProblems(parsed)]
  if (problems.length > 0)
    throw new LoadError(problems.map(([path, problem]) => `${place(path)}: ${path}: ${problem}`))
  const absolute = (relative: string) => resolve(dirname(file), relative)
  const cores = availableParallelism()
  const auto = Math.max(1, Math.floor(cores / processCount))
  const workersOf = ({ workers }: Pick<Parsed['shards'][string], 'workers'>) =>
    workers === 'auto' ? auto : workers
  const rules = resolveRules(parsed.rules, absolute, place)
  const { store: cacheStore } = parsed.cache
  const rulesRedis = rules.store.place.kind === 'redis' ? rules.store.place.url : undefined
  const redis = rulesRedis ?? (typeof cacheStore === 'object' ? cacheStore.redis : undefined)
  const shards = Object.entries(parsed.shards).map(
    ([shard, { endpoints, dns, kubernetes, redis: own, ...rest }]) => {
      const written = { endpoints, dns, kubernetes, redis: own }
      const members = resolveMembers(written, `shards.${shard}`, place, redis)
      return [shard, { ...rest, workers: workersOf(rest), ...(members && { members }) }] as const
    },
  )
  // A shard of other machines runs by itself, by `presage worker`.
  const processes = shards.filter(([, { kind, members }]) => kind === 'process' && members === undefined)
  const share = workerMemoryShare(processCount * processes.reduce((sum, [, { workers }]) => sum + workers, 0))
  const shareOf = ({ members, workers }: Pick<ShardConfig, 'members' | 'workers'>) =>
    members === undefined ? share : workerMemoryShare(workers)
  return deepFreeze({
    ...parsed,
    file,
    server: {
      ...parsed.server,
      processes: parsed.server.processes === 'auto' ? cores : parsed.server.processes,
    },
    graph: {
      subgraphs: absolute(parsed.graph.subgraphs),
      supergraph: absolute(parsed.graph.supergraph),
      planLock: absolute(parsed.graph.planLock),
    },
    repositories: parsed.repositories.map(absolute),
    rules: rules.file,
    ruleStore: rules.store,
    ...(parsed.exposures && { exposures: { ...parsed.exposures, file: absolute(parsed.exposures.file) } }),
    ...(parsed.trustedDocuments && {
      trustedDocuments: { ...parsed.trustedDocuments, file: absolute(parsed.trustedDocuments.file) },
    }),
    context: contextKeys(parsed.context),
    trust: resolveTrust(parsed.trust, absolute, place),
    worker: {
      ...parsed.worker,
      ...(parsed.worker.tls && { tls: absolutePaths(parsed.worker.tls, absolute) }),
    },
    shards: mapValues(Object.fromEntries(shards), ({ tls, ...shard }) => ({
      ...shard,
      tls: resolveTls(tls, absolute),
      ...(shard.kind === 'process' && { memory: shard.memory ?? shareOf(shard) }),
    })),
    subgraphs: mapValues(parsed.subgraphs, (settings) => mapValues(settings, absolute)),
  })
}

/** Where a relative path leads nowhere, most likely the command runs in another folder than its user thinks. */
function readNamed(path: string): string {
  if (isAbsolute(path) || existsSync(path)) return readTextFile(path)
  throw new LoadError([
    `${path}: must be a readable file, got no such file in ${process.cwd()}; run this in the project's folder, or name the file with --config`,
  ])
}

type Problem = readonly [path: string, problem: string]

/** Without a way to verify tokens, a key that comes from a token would never have a value. */
function tokenProblems({ context, trust }: Parsed): readonly Problem[] {
  if (trust.jwt !== undefined) return []
  const fromTokens = Object.keys(context).filter((key) => context[key].from === 'token')
  return fromTokens.map((key) => [`context.${key}.from`, 'must not be token without trust.jwt, got token'])
}

/** A thread shares the memory of the process, so it cannot have a limit of its own. */
function memoryProblems({ shards }: Parsed): readonly Problem[] {
  return Object.entries(shards).flatMap(([shard, { kind, memory }]): Problem[] => {
    const problem = `must be combined with kind: process, got ${memory} bytes for threads`
    return kind === 'thread' && memory !== undefined ? [[`shards.${shard}.memory`, problem]] : []
  })
}

/** What is set for servers elsewhere does nothing where no key says that there are any: without TLS, for example. */
function serverProblems({ shards }: Parsed): readonly Problem[] {
  const problem =
    'must be combined with endpoints, dns, kubernetes or redis, got none: the shard runs in this process'
  return Object.entries(shards).flatMap(([name, shard]): Problem[] => {
    if (whereServersAre.some((key) => shard[key] !== undefined)) return []
    const useless = forServers.filter((key) => shard[key] !== undefined)
    return useless.map((key) => [`shards.${name}.${key}`, problem])
  })
}

const whereServersAre = ['endpoints', 'dns', 'kubernetes', 'redis'] as const
const forServers = ['protocol', 'tls', 'calls', 'copies', 'cancel'] as const

/** The form that browsers send: no path, and no default port. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}
