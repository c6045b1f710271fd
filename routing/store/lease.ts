import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'

/** A node's report on itself, which it repeats. Its lease ends when it stops reporting. */
export interface NodeReport {
  readonly node: string
  /** The version in effect there, and the epoch of the activation that it follows. */
  readonly inEffect?: number
  readonly epoch: number
  /** Versions that the node could serve at once. */
  readonly prepared: readonly number[]
  /** By version, why the node cannot fully serve it. */
  readonly problems: Readonly<Record<string, readonly string[]>>
  /** Why the node does not follow the pointer, if it does not. */
  readonly note?: string
}

export function isNodeReport(value: unknown): value is NodeReport {
  if (!isMap(value) || typeof value['node'] !== 'string') return false
  return Array.isArray(value['prepared']) && isMap(value['problems'])
}

/** Throws a RangeError for a node's name that cannot be part of keys and file names. */
export function checkNodeName(node: string): void {
  if (/^\w[\w.-]{0,99}$/.test(node)) return
  throw new RangeError(
    `the name of a node must be of letters, digits, "_", "." and "-", not begin with the last two, and have at most 100, got ${show(node)}`,
  )
}
