import { randomUUID } from 'node:crypto'
import { z } from 'zod'

export const activationShape = z.object({
  number: z.int().min(1),
  /** Grows with every activation, so that a late message about an earlier one can be recognized. */
  epoch: z.int().min(1),
  sha256: z.string(),
  /** How it became active. Nodes follow `activate` once they are prepared, and all other kinds at once. */
  kind: z.enum(['create', 'activate', 'force', 'rollback', 'restore']),
  by: z.string(),
  /** ISO 8601 */
  time: z.string(),
})

/** The pointer to the active version, with the activation that set it. */
export type Activation = Readonly<z.infer<typeof activationShape>>

export type ActivationKind = Activation['kind']

/** The highest number and epoch that somebody remembers of a store. A new store starts above them. */
export interface Floor {
  readonly number: number
  readonly epoch: number
}

/**
 * The whole mutable state of a store, as one small value that is replaced by compare-and-set. Versions themselves never
 * change.
 *
 *     nothing ── create ──> made ── publish, activate, rollback, pin ──> made ...
 *        ^                    │
 *        └── data is lost ────┘   nodes that remember it raise the floor; then only `restore` creates it
 */
export type Head = NoHead | MadeHead

export interface NoHead {
  readonly kind: 'nothing'
  readonly floor: Floor
  readonly active?: undefined
  readonly trail?: undefined
}

const number = z.int().min(1)

const madeHeadForm = z.object({
  kind: z.literal('made'),
  /** Chosen when the store was created. Another id means another store, even at the same address. */
  id: z.string(),
  /** The highest number ever given. */
  highest: z.int(),
  active: activationShape.optional(),
  /**
   * The previously active versions that were not rolled back from, latest last: the targets of `rollback`. At most 16.
   */
  trail: z.array(number).readonly(),
  /**
   * Versions whose activation was refused because nodes were not prepared; nodes prepare these. Latest last, at most 4.
   * Any activation or rollback ends them: nobody waits for one that was wanted before.
   */
  wanted: z.array(number).readonly(),
  /** Ids of lost stores whose versions this one has imported under its own numbers. */
  replaces: z.array(z.string()).readonly(),
  /** By node, the version at which it is pinned. */
  pins: z.record(z.string(), number).readonly(),
  /** The latest activations, newest last; at most 32. */
  activations: z.array(activationShape).readonly(),
})

export type MadeHead = Readonly<z.infer<typeof madeHeadForm>>

export const noHead: NoHead = { kind: 'nothing', floor: { number: 0, epoch: 0 } }

/** Versions without a head are the remains of a lost store. Their numbers must not be reused. */
export function remainsOf(numbers: readonly number[]): NoHead {
  return { ...noHead, floor: { number: Math.max(0, ...numbers), epoch: 0 } }
}

export const headForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nothing'), floor: z.object({ number: z.int(), epoch: z.int() }) }),
  madeHeadForm,
])

/** Whether a value has the form of a head; its numbers may still name versions that there are not. */
export function isHead(value: unknown): value is Head {
  return headForm.safeParse(value).success
}

const longestTrail = 16
const mostWanted = 4
const mostActivations = 32

/** A store without versions, whose first number is above the floor. */
export function madeHead(floor: Floor): MadeHead {
  return {
    kind: 'made',
    id: randomUUID(),
    highest: floor.number,
    trail: [],
    wanted: [],
    replaces: [],
    pins: {},
    activations: [],
  }
}

/** Makes `number` the active version. A rollback leads back to the one before. */
export function activated(head: MadeHead, activation: Activation): MadeHead {
  const { active } = head
  const trail = active === undefined ? head.trail : [...head.trail, active.number].slice(-longestTrail)
  return pointed(head, activation, trail)
}

/** Makes the previous version active again. The next rollback leads to the one before that. */
export function rolledBack(head: MadeHead, activation: Activation): MadeHead {
  return pointed(head, activation, head.trail.slice(0, -1))
}

/** Asks nodes to prepare a version. Undefined if they were asked already. */
export function wanting(head: MadeHead, number: number): MadeHead | undefined {
  if (head.wanted.includes(number)) return undefined
  return { ...head, wanted: [...head.wanted, number].slice(-mostWanted) }
}

export function pinned(head: MadeHead, node: string, number: number | undefined): MadeHead {
  const others = Object.entries(head.pins).filter(([name]) => name !== node)
  return { ...head, pins: Object.fromEntries(number === undefined ? others : [...others, [node, number]]) }
}

export function raised(floor: Floor, other: Floor): Floor {
  return { number: Math.max(floor.number, other.number), epoch: Math.max(floor.epoch, other.epoch) }
}

export function floorOf(head: Head): Floor {
  return head.kind === 'nothing' ? head.floor : { number: head.highest, epoch: head.active?.epoch ?? 0 }
}

/** Moves the pointer, which ends what was wanted. */
export function pointed(head: MadeHead, active: Activation, trail: readonly number[]): MadeHead {
  return {
    ...head,
    active,
    trail,
    wanted: [],
    activations: [...head.activations, active].slice(-mostActivations),
  }
}

export function nextActivation(
  epoch: number,
  { number, sha256 }: { readonly number: number; readonly sha256: string },
  kind: ActivationKind,
  by: string,
  time: string,
): Activation {
  return { number, epoch: epoch + 1, sha256, kind, by, time }
}
