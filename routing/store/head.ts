import { randomUUID } from 'node:crypto'

/** How a version became the active one. Nodes follow `activate` when they are prepared, and all others at once. */
export type ActivationKind = 'create' | 'activate' | 'force' | 'rollback' | 'restore'

/** The pointer: which version answers, from which flip on. */
export interface Activation {
  readonly number: number
  /** Grows with every flip, so that a late word of an earlier one is known for what it is. */
  readonly epoch: number
  readonly sha256: string
  readonly kind: ActivationKind
  readonly by: string
  /** ISO 8601 */
  readonly time: string
}

/** How far somebody remembers a store to have come. What is made anew starts above it. */
export interface Floor {
  readonly number: number
  readonly epoch: number
}

/**
 * All that changes in a store, in one small value that is exchanged as a whole, by compare-and-set: versions themselves never change.
 *
 *     nothing ── create ──> made ── publish, activate, rollback, pin ──> made ...
 *        ^                    │
 *        └── data is lost ────┘   nodes that remember raise the floor; only `restore` makes it again
 */
export type Head = NoHead | MadeHead

export interface NoHead {
  readonly kind: 'nothing'
  readonly floor: Floor
}

export interface MadeHead {
  readonly kind: 'made'
  /** Drawn when the store was made: another id is another store, whatever its address. */
  readonly id: string
  /** The highest number that was ever given. */
  readonly highest: number
  readonly active?: Activation
  /** What was active before `active` and was not rolled back from, the latest last: where `rollback` goes. At most 16. */
  readonly trail: readonly number[]
  /** What somebody wanted to activate before nodes were prepared: they prepare it. The latest last, at most 4. */
  readonly wanted: readonly number[]
  /** Ids of stores that were lost here, and whose versions this one has taken over under numbers of its own. */
  readonly replaces: readonly string[]
  /** By node: the version that it is held at. */
  readonly pins: Readonly<Record<string, number>>
  /** The latest flips, the newest last; at most 32. */
  readonly activations: readonly Activation[]
}

export const noHead: NoHead = { kind: 'nothing', floor: { number: 0, epoch: 0 } }

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

/** `number` becomes the active version; what was active is where a rollback goes. */
export function activated(head: MadeHead, activation: Activation): MadeHead {
  const { active } = head
  const trail = active === undefined ? head.trail : [...head.trail, active.number].slice(-longestTrail)
  return pointed(head, activation, trail)
}

/** The version before becomes the active one again, and what was before that is the next to roll back to. */
export function rolledBack(head: MadeHead, activation: Activation): MadeHead {
  return pointed(head, activation, head.trail.slice(0, -1))
}

/** Nodes are to prepare a version. Undefined if they know. */
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

/** The pointer moves; what nodes were to prepare for it is done. */
export function pointed(head: MadeHead, active: Activation, trail: readonly number[]): MadeHead {
  const wanted = head.wanted.filter((number) => number !== active.number)
  return {
    ...head,
    active,
    trail,
    wanted,
    activations: [...head.activations, active].slice(-mostActivations),
  }
}

/** The flip after `epoch`. */
export function nextActivation(
  epoch: number,
  { number, sha256 }: { readonly number: number; readonly sha256: string },
  kind: ActivationKind,
  by: string,
  time: string,
): Activation {
  return { number, epoch: epoch + 1, sha256, kind, by, time }
}
