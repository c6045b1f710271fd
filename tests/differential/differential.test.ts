import { type Counts, noCounts } from './counts'
import { examine } from './examine'
import { graphNamed, graphNames } from './graphs/all'
import { ownTargets } from './targetNames'

/** Of a hundred seeds each; `run.ts` is for more. */
const seeds = { from: 0, count: 100, maxShrinks: 5 }

const cases = graphNames.flatMap((graph) =>
  ownTargets.map((target) => ({ graph, target, name: target.name })),
)

test.each(cases)(
  'generated operations on the graph $graph, asked of $name: each answer is that of graphql-js, and next to none is refused',
  async ({ graph, target }) => {
    const counts: Counts = noCounts()
    const different: string[] = []
    await examine(graphNamed(graph), target, seeds, counts, { found: ({ text }) => different.push(text) })
    const { NOT_SUPPORTED: refused = 0 } = counts.different
    // The query planner is not ours: what it cannot plan may be refused, if it is rare.
    const isRare = refused * 1000 <= counts.requests
    const counted = isRare ? counts.requests - refused : counts.requests
    const unexpected = isRare ? different.filter((text) => !text.includes('NOT_SUPPORTED')) : different
    expect(unexpected.join('\n\n')).toBe('')
    expect(counts.equal).toBe(counted)
    expect(counts.requests).toBeGreaterThan(seeds.count * 3)
  },
)
