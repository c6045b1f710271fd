import type { BenchCase } from './cases'

/** Rows of the case's model that the Presage behind `url` has given to the runtime so far, as its `/metrics` says. */
export async function inferredRows({ model }: BenchCase, url: string): Promise<number> {
  const [name, version] = model.split('@')
  const text = await (await fetch(new URL('/metrics', url))).text()
  let rows = 0
  for (const [, labels, value] of text.matchAll(/^presage_inference_count_total\{([^}]*)\} (\S+)$/gm)) {
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
