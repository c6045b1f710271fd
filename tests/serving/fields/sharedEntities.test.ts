import { PresageError } from '../../../lib/errors'
import { places } from '../../gateway/federate'
import { createServices } from '../service'

const start = createServices()

const cast = [{ id: 'a' }]
const features = '{ year: { type: Int }, ids: { type: "[ID!]", default: [] } }'
const outputs = '{ best: { type: entity, of: Title }, score: { type: Float } }'

/** Titles of which each one's best is title 7; `near` has an input with a resolver, so `best` beside it is not fetched in place. */
const parts = {
  subgraphs: {
    catalog: {
      sdl: `type Query { titles: [Title!]! }
        type Title @key(fields: "id") { id: ID! year: Int! cast: [Person!]! } type Person @shareable { id: ID! }`,
      resolvers: {
        Query: { titles: () => ['1', '2', '3'].map((id) => ({ id, year: 2000, cast })) },
        Title: { __resolveReference: ({ id }: { id: string }) => ({ id, year: 2000, cast }) },
      },
    },
    own: {
      sdl: `type Title @key(fields: "id") { id: ID! year: Int! @external cast: [Person!]! @external
          best: Title @requires(fields: "year") @predict(objective: "PROBE", output: "best")
          score: Float @requires(fields: "year") @predict(objective: "PROBE", output: "score")
          near: Float @requires(fields: "cast { id }")
            @predict(objective: "PROBE", output: "score", inputs: ["ids: parent.cast.id", "year: parent.length"])
          length: Int! }
        type Person @shareable { id: ID! }`,
      resolvers: { Title: { length: ({ id }: { id: string }) => id.length } },
    },
  },
  objectives: { PROBE: `inputs: ${features}\noutputs: ${outputs}` },
}

it('an entity at several places tells its error once at each', async () => {
  const { query } = await start({
    ...parts,
    models: [
      {
        key: 'probe@1',
        features,
        outputs,
        make: {
          best: () => ({ id: '7' }),
          score: ({ ids }) =>
            (ids as readonly unknown[]).length > 0 ? 1 : new PresageError('BAD_OUTPUT', 'no score'),
        },
      },
    ],
  })
  const answer = await query('{ titles { best { near best { score } } } }')
  expect(answer.data).toEqual({ titles: new Array(3).fill({ best: { near: 1, best: { score: null } } }) })
  expect(places(answer)).toEqual([0, 1, 2].map((at) => `titles.${at}.best.best.score: BAD_OUTPUT`))
})
