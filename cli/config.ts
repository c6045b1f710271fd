import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { shortPath } from '../lib/compiled'
import { deepFreeze } from '../lib/deepFreeze'
import { parseYaml } from '../lib/parseYaml'
import { readTextFile } from '../lib/readTextFile'
import { milliseconds, whole } from '../lib/shapes'
import { gatewayShape } from './gatewayConfig'

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must be a name of letters, digits, _ and -')
const positive = whole(1)
const portError = 'must be a whole number from 0 to 65535'

/** The shape of `presage.yaml`; each section with its defaults. */
export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('The address to listen on.'),
      port: z
        .int({ error: portError })
        .min(0, portError)
        .max(65535, portError)
        .default(4000)
        .describe('The port to listen on; 0 takes any that is free.'),
      timeout: milliseconds.prefault('1s').describe("A request's deadline, unless its header asks for less."),
      grace: milliseconds.prefault('10s').describe('How long a shutdown waits for what is in flight.'),
      introspection: z.boolean().default(true),
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
  rules: z.string().default('rules.yaml').describe('The rule file.'),
  shards: z
    .record(
      name,
      z.strictObject({
        kind: z.enum(['thread', 'process']).default('thread'),
        workers: z
          .union([z.literal('auto'), positive], { error: 'must be auto or a whole number from 1 on' })
          .default('auto')
          .describe('How many; auto: one a core.'),
        maxQueueRows: positive.optional().describe('Rows that may wait for one model.'),
        stallAfter: milliseconds
          .prefault('2s')
          .describe('A worker that has not answered for so long is replaced.'),
      }),
    )
    .prefault({ main: {} }),
  context: z
    .record(
      name,
      z.strictObject({
        header: z.string().regex(/^[a-z0-9-]+$/, 'must be a header name in lower case'),
        type: z.enum(['string', 'number', 'boolean']).default('string'),
      }),
    )
    .default({}),
  gateway: gatewayShape,
  limits: z
    .strictObject({
      bodyBytes: positive.default(1_048_576),
      predictionRows: positive.default(10_000),
      listArguments: positive.default(1000),
      predictionAliases: positive.default(100),
    })
    .prefault({}),
  tryModel: z.boolean().default(false).describe('Whether any client may run any model version.'),
  subgraphs: z
    .record(name, z.record(z.string(), z.string()))
    .default({})
    .describe("Settings of the subgraphs' own resolvers: files, relative to this one."),
})

type Parsed = z.infer<typeof configSchema>

/** The parsed configuration: all paths absolute, all durations in milliseconds. */
export interface Config extends Omit<Parsed, 'shards'> {
  readonly file: string
  readonly shards: Readonly<Record<string, Parsed['shards'][string] & { workers: number }>>
}

/**
 * Reads and checks a configuration file. Throws a LoadError with all problems, each naming its path; with `optional`, no
 * file is the same as an empty one.
 */
export function loadConfig(path: string, { optional = false } = {}): Config {
  const file = resolve(path)
  const text = optional && !existsSync(file) ? '{}' : readTextFile(file)
  const parsed = parseYaml(text, shortPath(file), configSchema)
  const absolute = (relative: string) => resolve(dirname(file), relative)
  const auto = availableParallelism()
  return deepFreeze({
    ...parsed,
    file,
    graph: {
      subgraphs: absolute(parsed.graph.subgraphs),
      supergraph: absolute(parsed.graph.supergraph),
      planLock: absolute(parsed.graph.planLock),
    },
    repositories: parsed.repositories.map(absolute),
    rules: absolute(parsed.rules),
    shards: mapValues(parsed.shards, (shard) => ({
      ...shard,
      workers: shard.workers === 'auto' ? auto : shard.workers,
    })),
    subgraphs: mapValues(parsed.subgraphs, (settings) => mapValues(settings, absolute)),
  })
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}
