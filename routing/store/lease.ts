import { z } from 'zod'
import { show } from '../../lib/errors'

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

const reportForm = z.object({
  node: z.string(),
  inEffect: z.int().optional(),
  epoch: z.int(),
  prepared: z.array(z.int()),
  problems: z.record(z.string(), z.array(z.string())),
  note: z.string().optional(),
})

export function isNodeReport(value: unknown): value is NodeReport {
  return reportForm.safeParse(value).success
}

/**
 * Whether a node does not serve `target`, the version that it should; undefined for none. In another store than the one
 * that it has seen, its number means another version, so a node that says that it does not follow is always one.
 */
export function isStraggler({ inEffect, note }: NodeReport, target: number | undefined): boolean {
  return inEffect !== target || (target !== undefined && note !== undefined)
}

/** Throws a RangeError for a node's name that cannot be part of keys and file names. */
export function checkNodeName(node: string): void {
  if (/^\w[\w.-]{0,99}$/.test(node)) return
  throw new RangeError(
    `the name of a node must be of letters, digits, "_", "." and "-", not begin with the last two, and have at most 100, got ${show(node)}`,
  )
}
