import { z } from 'zod'
import { show } from '../../lib/errors'

const reportForm = z.object({
  node: z.string(),
  /** The version in effect there, and the epoch of the activation that it follows. */
  inEffect: z.int().optional(),
  epoch: z.int(),
  /** Versions that the node could serve at once. */
  prepared: z.array(z.int()).readonly(),
  /** By version, why the node cannot fully serve it. */
  problems: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
  /** Why the node does not follow the pointer, if it does not. */
  note: z.string().optional(),
})

/** A node's report on itself, which it repeats. Its lease ends when it stops reporting. */
export type NodeReport = Readonly<z.infer<typeof reportForm>>

export function isNodeReport(value: unknown): value is NodeReport {
  return reportForm.safeParse(value).success
}

const leaseForm = z.object({
  report: reportForm,
  /** Milliseconds since 1970, by the clock of the machine that wrote it. */
  until: z.number(),
  writer: z.string(),
})

/** A report as a store without a clock of its own keeps it. */
export type Lease = Readonly<z.infer<typeof leaseForm>>

export function isLease(value: unknown): value is Lease {
  return leaseForm.safeParse(value).success
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
