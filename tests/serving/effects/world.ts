import { PresageError } from '../../../lib/errors'
import type { ObjectiveRules, RuleSet } from '../../../routing/ruleSet/ruleSet'
import type { StartWorker } from '../../../workers/pool/startWorker'
import { heldWorkers } from '../../support/heldWorker'
import type { ProbeSpec } from '../probeModel'
import type { ServiceParts } from '../service'

/** A deployment of a random test, and the requests that it is asked. */

export interface Row {
  readonly x: number | null
  readonly k: number
}

/** A field of a request, at one place of the answer. */
export interface AskedField {
  /** The objective, or the version that the field pins. */
  readonly asks: string
  /** Whether it is the field that names the shard `large`. */
  readonly isLarge: boolean
  readonly wanted: readonly ('y' | 'z')[]
  readonly rows: readonly Row[]
}

export interface Asked {
  readonly id: string
  readonly fields: readonly AskedField[]
  readonly context: Readonly<Record<string, string>>
  /** Who asks. */
  readonly client: string
  /** By objective, the version that it asks for instead of what the rules say. */
  readonly overrides: Readonly<Record<string, string>>
  readonly isExplained: boolean
  readonly bypasses: boolean
  readonly isSynthetic: boolean
  /** Whether workers answer only after its deadline. */
  readonly isLate: boolean
  /** How long after the last request it comes, in milliseconds. */
  readonly afterMs: number
}

/** How long a request that is late has, in milliseconds. */
export const deadlineMs = 50

/** How long a request has to itself, in milliseconds: shadows are asked when it is quiet. */
export const pauseMs = 4

export interface World {
  /** By objective. */
  readonly objectives: Readonly<Record<string, { readonly ttlMs?: number; readonly maxRows?: number }>>
  readonly maxRows: number
  readonly rules: Readonly<Record<string, ObjectiveRules>>
  readonly experiments: RuleSet['experiments']
  /** Versions that are not ready. */
  readonly away: readonly string[]
  /** Whether `x` has a resolver, which fails for some rows. */
  readonly loses: boolean
  /** Whether graphql-js asks row by row. */
  readonly byRow: boolean
}

/** What is known of each version: what it takes, what its graph reads, and which rows fail in which way. */
export interface Version {
  readonly nullable: boolean
  /** The greatest `x`. */
  readonly most: number
  readonly readsK: boolean
  /** The `x` of the row that the runtime refuses. */
  readonly refuses?: number
  /** The `x` of the row whose output `y` is none. */
  readonly bad?: number
}

export const versions: Readonly<Record<string, Version>> = {
  'p@1': { nullable: true, most: 9, readsK: true, refuses: 8 },
  'p@2': { nullable: true, most: 9, readsK: false, bad: 7 },
  'p@3': { nullable: false, most: 6, readsK: true },
  'p@4': { nullable: true, most: 9, readsK: true },
  // It is not on the shard `large`, so it may only be a fallback or a shadow.
  'p@5': { nullable: true, most: 9, readsK: true },
}

const outputs = '{ y: { type: Float }, z: { type: Float } }'
const inputs =
  '{ x: { type: Int, range: [0, 9], nullable: true }, k: { type: Int, range: [0, 9], default: 0 } }'

const models: readonly ProbeSpec[] = Object.entries(versions).map(
  ([key, { nullable, most, readsK, refuses, bad }]) => {
    const x = `x: { type: Int, range: [0, ${most}]${nullable ? ', nullable: true' : ''} }`
    return {
      // Batches of one row: where several are refused of one batch, rows beside them fail as well.
      ...{ key, outputs, serves: ['A', 'B'], ...(refuses !== undefined && { maxRows: 1 }) },
      features: readsK ? `{ ${x}, k: { type: Int, range: [0, 9], default: 0 } }` : `{ ${x} }`,
      make: {
        y: ({ x }, y) =>
          x !== null && x === bad ? new PresageError('BAD_OUTPUT', `${key}: none for ${x}`) : y,
        z: () => 1,
      },
    }
  },
)

/** Workers that wait with all answers while they are held, and refuse batches with the row that the version refuses. */
export function heldTogether(): { readonly start: StartWorker; hold(): void; release(): void } {
  const waiting: (() => void)[] = []
  let isHeld = false
  const start: StartWorker = async (id) => {
    const { start, workers } = heldWorkers()
    await start(id)
    const [worker] = workers
    const infer = worker.infer.bind(worker)
    worker.infer = (key, tensors) => {
      const inference = infer(key, tensors)
      const { last } = worker
      const isRefused = last.values.includes(versions[key].refuses ?? Number.NaN)
      const end = () => (isRefused ? last.refuse('refused') : last.answer())
      if (isHeld) waiting.push(end)
      else end()
      return inference
    }
    return worker
  }
  return {
    start,
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      for (const end of waiting.splice(0)) end()
    },
  }
}

export const placement = { p: ['main', 'large'], 'p@5': 'main' }

/** The `x` of rows whose input fails, where inputs may. */
export const lost = 77

async function xOf({ x }: { x: number | null }): Promise<number | null> {
  if (x === lost) throw new PresageError('UPSTREAM_FAILED', 'for the test')
  return x
}

export function partsOf({
  objectives,
  rules,
  experiments,
  maxRows,
  byRow,
  loses,
}: World): Omit<ServiceParts, 'clock' | 'start'> {
  const fields = Object.keys(objectives).flatMap((name) => [
    `${name.toLowerCase()}(k: Int! = 0): Out @predict(objective: "${name}")`,
    `${name.toLowerCase()}Large(k: Int! = 0): Out @predict(objective: "${name}", shard: "large")`,
  ])
  return {
    subgraphs: {
      own: {
        sdl: `type Query { things(xs: [Int]!): [Thing!]! }
          type Thing { x: Int ${fields.join(' ')} pinned(k: Int! = 0): Out @predict(model: "p@1") }
          type Out { y: Float z: Float }`,
        resolvers: {
          Query: { things: (_, { xs }: { xs: readonly (number | null)[] }) => xs.map((x) => ({ x })) },
          ...(loses && { Thing: { x: xOf } }),
        },
      },
    },
    objectives: Object.fromEntries(
      Object.entries(objectives).map(([name, { ttlMs, maxRows }]) => [
        name,
        `unit: context.member\ninputs: ${inputs}\noutputs: ${outputs}` +
          (ttlMs === undefined ? '' : `\ncache: { ttl: ${ttlMs}ms }`) +
          (maxRows === undefined ? '' : `\nmaxRows: ${maxRows}`),
      ]),
    ),
    shards: ['main', 'large'],
    placement,
    contextKeys: { member: 'string', country: 'string' },
    moreRules: rules,
    ...{ models, experiments, maxRows, byRow },
  }
}

export function textOf({ fields }: Asked): string {
  const places = fields.map(({ asks, isLarge, wanted, rows }, at) => {
    const field = asks.includes('@') ? 'pinned' : `${asks.toLowerCase()}${isLarge ? 'Large' : ''}`
    const xs = JSON.stringify(rows.map(({ x }) => x))
    return `f${at}: things(xs: ${xs}) { ${field}(k: ${rows[0]?.k ?? 0}) { ${wanted.join(' ')} } }`
  })
  return `{ ${places.join(' ')} }`
}
