import { type Counts, noCounts } from './counts'
import { examine } from './examine'
import { graphNames, isAskedOf, startGraph } from './graphs/all'
import type { Graph } from './graphs/graph'
import { ownTargets, targetNamed } from './targetNames'

/** `run.ts` is for more. */
const maxShrinks = 5

describe.each(graphNames)('generated operations on the graph %s', (name) => {
  // Where real models answer, a request costs more.
  const seeds = name === 'example' ? 40 : 100
  let graph: Graph

  beforeAll(async () => {
    graph = await startGraph(name)
  })
  afterAll(() => graph?.close())

  test.each(ownTargets.filter((target) => isAskedOf(name, target.name)))(
    'asked of $name: each answer is that of graphql-js, and next to none is refused',
    async (target) => {
      const counts: Counts = noCounts()
      const different: string[] = []
      await examine(graph, target, { from: 0, count: seeds, maxShrinks }, counts, {
        found: ({ text }) => different.push(text),
      })
      const { NOT_SUPPORTED: refused = 0 } = counts.different
      // What the planner cannot plan may be refused, if it is rare.
      const isRare = refused * 1000 <= counts.requests
      const counted = isRare ? counts.requests - refused : counts.requests
      const unexpected = isRare ? different.filter((text) => !text.includes('NOT_SUPPORTED')) : different
      expect(unexpected.join('\n\n')).toBe('')
      expect(counts.equal).toBe(counted)
      expect(counts.requests).toBeGreaterThan(seeds * 3)
    },
  )
})

test('graphs made by chance: each answer is that of graphql-js, and none is refused', async () => {
  const counts: Counts = noCounts()
  const different: string[] = []
  for (let seed = 0; seed < 50; seed++) {
    const graph = await startGraph(`random:${seed}`)
    await examine(graph, targetNamed('local'), { from: 0, count: 10, maxShrinks }, counts, {
      found: ({ text }) => different.push(text),
    })
  }
  expect(different.join('\n\n')).toBe('')
  expect(counts.equal).toBe(counts.requests)
  expect(counts.requests).toBeGreaterThan(1500)
})
