import { show } from '../../lib/errors'

/** What a serving node says of itself, again and again; its lease ends when it says nothing for a while. */
export interface NodeReport {
  readonly node: string
  /** The version that answers there, and the epoch of the flip that it follows. */
  readonly inEffect?: number
  readonly epoch: number
  /** Versions that the node could serve at once. */
  readonly prepared: readonly number[]
  /** By version: why the node could not serve it as it should. */
  readonly problems: Readonly<Record<string, readonly string[]>>
  /** Why the node does not follow the pointer, where it does not. */
  readonly note?: string
}

/** Throws a RangeError: a node's name stands in keys and file names. */
export function checkNodeName(node: string): void {
  if (/^\w[\w.-]{0,99}$/.test(node)) return
  throw new RangeError(
    `the name of a node must be of letters, digits, "_", "." and "-", not begin with the last two, and have at most 100, got ${show(node)}`,
  )
}
