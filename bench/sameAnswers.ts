import type { BenchCase } from './cases'
import type { BenchServer } from './servers'

/** The runtimes of the contestants are of different versions: sums may differ in their last digits. */
const TOLERANCE = 1e-5

/** The number of the request that is compared. */
export const askedBySameAnswers = 5

/** A ratio between two servers means something only if they say the same. Throws if they do not. */
export async function sameAnswers(
  benchCase: BenchCase,
  servers: Readonly<Record<string, BenchServer>>,
): Promise<void> {
  const variables = benchCase.variables(askedBySameAnswers)
  const graphql = JSON.stringify({ query: benchCase.query, variables })
  const [first, ...others] = await Promise.all(
    Object.entries(servers).map(async ([name, { url, protocol }]) => {
      const text = await answerOf(url, protocol?.body(variables) ?? graphql)
      const said = JSON.parse(text) as unknown
      return { name, text, said: protocol?.read(said) ?? said }
    }),
  )
  for (const other of others) {
    if (same(first.said, other.said)) continue
    throw new Error(
      `${benchCase.name}: ${first.name} and ${other.name} must answer the same, got ${first.text.slice(0, 300)} and ${other.text.slice(0, 300)}`,
    )
  }
}

/** Presage may still be loading: what has errors is asked for again, for half a minute at most. */
async function answerOf(url: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const end = performance.now() + 30_000
  for (;;) {
    const text = await (await fetch(url, { method: 'POST', headers, body })).text()
    if (!text.includes('"errors"') || performance.now() > end) return text
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function same(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return Math.abs(left - right) <= TOLERANCE
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null)
    return left === right
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => same((left as Members)[key], (right as Members)[key]))
  )
}

type Members = Readonly<Record<string, unknown>>
