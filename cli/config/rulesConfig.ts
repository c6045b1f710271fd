import { z } from 'zod'
import type { PlaceOf } from '../../lib/files/shapeProblems'
import { flag, positiveMilliseconds, strictShape, text } from '../../lib/files/shapes'
import { redisName, redisUrl } from './shards/redisShapes'

const storeShape = z.union(
  [
    z.literal('memory'),
    strictShape({ files: text.describe('A folder, which the processes of one machine may share.') }),
    strictShape({
      redis: redisUrl,
      name: redisName.default('rules').describe('Tells deployments apart that share one Redis.'),
      create: flag
        .default(false)
        .describe('Whether the first process publishes the rule file as version 1 of an empty store.'),
    }),
  ],
  { error: 'must be memory, { files: folder } or { redis: url }' },
)

const longShape = strictShape({
  file: text.default('rules.yaml').describe('The rule file.'),
  follow: flag
    .optional()
    .describe('Whether edits of the file are published and activated; default: true, but false with Redis.'),
  store: storeShape.default({ files: '.presage/rules' }).describe('Where versions of the rules are kept.'),
  node: redisName
    .optional()
    .describe('The name of this process among the nodes; default: made of machine, command and port.'),
  prepareTimeout: positiveMilliseconds
    .prefault('2m')
    .describe('How long the models of a version may take to become ready before it counts as not prepared.'),
  mutations: flag.default(false).describe('Whether operators may publish and activate through the graph.'),
  audit: text
    .default('.presage/audit.jsonl')
    .describe('The audit log of changes through the graph, with a line of JSON for each.'),
})

/** The section `rules`: the path of a rule file, or the rule store as well. */
export const rulesShape = z
  .union([text, longShape], { error: 'must be the path of a rule file, or a map' })
  .default('rules.yaml')
  .describe('The rule file, and where versions of the rules are kept.')

export type StorePlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'files'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string; readonly name: string }

/** Where versions of the rules are stored, and how this process uses the store. */
export interface RuleStoreConfig extends Omit<z.infer<typeof longShape>, 'file' | 'store'> {
  readonly place: StorePlace
  /** Where the configuration names it, as messages about the setting begin. */
  readonly at: string
  /** The folder is the default: if it is not writable, memory takes its place. */
  readonly isDefault: boolean
  readonly follow: boolean
  /** Whether the file becomes version 1 of an empty store. */
  readonly create: boolean
  /** Absolute path of the folder with the nodes' copies. */
  readonly copies: string
}

export function resolveRules(
  written: z.infer<typeof rulesShape>,
  absolute: (path: string) => string,
  placeOf: PlaceOf,
): { readonly file: string; readonly store: RuleStoreConfig } {
  const { file, store, ...rules } = typeof written === 'string' ? longShape.parse({ file: written }) : written
  const place = storePlace(store, absolute)
  const path = place.kind === 'memory' ? 'rules.store' : `rules.store.${place.kind}`
  return {
    file: absolute(file),
    store: {
      ...rules,
      place,
      at: `${placeOf(path)}: ${path}`,
      isDefault: typeof written === 'string',
      follow: rules.follow ?? place.kind !== 'redis',
      create: typeof store === 'object' && 'create' in store ? store.create : true,
      audit: absolute(rules.audit),
      copies: absolute('.presage/nodes'),
    },
  }
}

function storePlace(store: z.infer<typeof storeShape>, absolute: (path: string) => string): StorePlace {
  if (store === 'memory') return { kind: 'memory' }
  if ('files' in store) return { kind: 'files', folder: absolute(store.files) }
  return { kind: 'redis', url: store.redis, name: store.name }
}
