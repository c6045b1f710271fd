import type { BenchCase, ModelUse } from './cases'

/**
 * Counts what the Presage behind `url` has inferred of a case since it was first asked: rows of all its models that `/metrics` tells
 * of, as many as the model makes whole requests of that has made the fewest. So one model's rows never stand for another's.
 */
export function rowCounter(url: string): (benchCase: BenchCase) => Promise<number> {
  const first = new Map<ModelUse, number>()
  return async ({ models, rows }) => {
    const text = await (await fetch(new URL('/metrics', url))).text()
    const requests = models.map((use) => {
      const count = rowsOf(use, text)
      if (!first.has(use)) first.set(use, count)
      return (count - first.get(use)!) / use.rows
    })
    return Math.floor(Math.min(...requests) * rows)
  }
}

function rowsOf({ model }: ModelUse, metrics: string): number {
  const [name, version] = model.split('@')
  let rows = 0
  for (const [, labels, value] of metrics.matchAll(/^presage_inference_count_total\{([^}]*)\} (\S+)$/gm)) {
    if (labels.includes(`model="${name}"`) && labels.includes(`version="${version}"`)) rows += Number(value)
  }
  return rows
}

/**
 * Throws unless every prediction of `requests` requests was made by the runtime. Rows of a request differ from each other
 * in all cases (titles in their id, messages in their words), so that equal ones are no excuse. More rows than were asked for
 * may be inferred: those that a second worker got as well because the first took long.
 */
export function assertInferred(benchCase: BenchCase, requests: number, rows: number): void {
  const asked = requests * benchCase.rows
  if (rows >= asked) return
  throw new Error(`${benchCase.name}: every prediction must be inferred, got ${rows} rows of ${asked}`)
}
