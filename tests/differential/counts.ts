import type { Failure } from './check'

/** How requests were answered. */
export interface Counts {
  requests: number
  equal: number
  /** How many were different, by kind; refusals by their code. */
  readonly different: Record<string, number>
}

export function noCounts(): Counts {
  return { requests: 0, equal: 0, different: {} }
}

export function count(counts: Counts, requests: number, failures: readonly Failure[]): void {
  counts.requests += requests
  counts.equal += requests - failures.length
  for (const { difference, got } of failures) {
    const { kind } = difference
    const name = kind === 'refused' ? String(got.errors[0]?.extensions?.['code'] ?? kind) : kind
    counts.different[name] = (counts.different[name] ?? 0) + 1
  }
}

export function add(sum: Counts, counts: Counts): void {
  sum.requests += counts.requests
  sum.equal += counts.equal
  for (const [name, times] of Object.entries(counts.different)) {
    sum.different[name] = (sum.different[name] ?? 0) + times
  }
}
