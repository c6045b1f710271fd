import type { NodeReport } from './lease'
import type { NotPrepared } from './outcomes'

/**
 * Undefined if so many of the leased nodes are prepared for a version that it may be activated: the whole number at or above
 * `quorum` × nodes. Without nodes there is nobody to wait for. Throws a RangeError for a quorum that is none.
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
  // Less a hair, since 0.9 × 10 is to be 9 and 0.7 × 10 is 7.000000000000001 on some machines' paper.
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
