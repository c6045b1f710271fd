import { type BothWays, bothWays } from '../bothWays'

describe('fields of input objects that are named as what every object inherits', () => {
  let graphs: BothWays
  beforeAll(async () => {
    graphs = await bothWays({
      things: {
        typeDefs: `
          enum Kind { constructor toString }
          input In { a: Int constructor: String toString: Int = 3 valueOf: Kind in: In hasOwnProperty: [In!] }
          type Query { seen(in: In, constructor: Kind, toString: [In!]): String }`,
        resolvers: { Query: { seen: (_: unknown, args: object) => JSON.stringify(args) } },
      },
    })
  })
  afterAll(() => graphs.close())

  // The others are servers of graphql-js alone.
  describe.each(['in process', 'over HTTP to our own'] as const)('%s', (way) => {
    it.each([
      ['query ($in: In) { seen(in: $in) }', { in: {} }, { in: { toString: 3 } }],
      [
        'query ($in: In) { seen(in: $in) }',
        { in: { in: { constructor: 'x', toString: 1 }, hasOwnProperty: [{ valueOf: 'constructor' }] } },
        {
          in: {
            toString: 3,
            in: { constructor: 'x', toString: 1 },
            hasOwnProperty: [{ toString: 3, valueOf: 'constructor' }],
          },
        },
      ],
      [
        'query ($list: [In!], $kind: Kind) { seen(toString: $list, constructor: $kind) }',
        { list: [{}], kind: 'toString' },
        { constructor: 'toString', toString: [{ toString: 3 }] },
      ],
      ['{ seen(in: { a: 1, valueOf: toString }) }', {}, { in: { a: 1, toString: 3, valueOf: 'toString' } }],
    ])('are absent where they are left out: %s', async (text, variables, args) => {
      expect(await graphs[way].query(text, variables)).toEqual({ data: { seen: JSON.stringify(args) } })
    })
  })
})
