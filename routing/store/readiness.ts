import type { NodeReport } from './lease'
import type { NotPrepared } from './outcomes'

/**
 * Checks whether enough of the leased nodes are prepared for a version: at least `quorum` × nodes, rounded up. Returns
 * undefined if so, and if there are no nodes. Throws a RangeError for an invalid quorum.
 */
export function readinessFor(
  number: number,
  reports: readonly NodeReport[],
  quorum: number,
): NotPrepared | undefined {
  if (!(quorum > 0 && quorum <= 1))
    throw new RangeError(`a quorum must be above 0 and at most 1, got ${quorum}`)
  const missing = reports.filter(({ prepared }) => !prepared.includes(number))
  const prepared = reports.length - missing.length
  // The small amount absorbs rounding errors: 0.7 × 10 must count as 7.
  if (prepared >= Math.ceil(quorum * reports.length - 1e-9)) return undefined
  return {
    kind: 'not prepared',
    prepared,
    leased: reports.length,
    missing: missing.map(({ node, problems }) => ({
      node,
      problems: Object.hasOwn(problems, number) ? problems[number] : [],
    })),
  }
}
