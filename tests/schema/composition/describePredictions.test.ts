import { buildSchema, type GraphQLObjectType, parse, print } from 'graphql'
import { compilePlan } from '../../../schema/compile/compilePlan'
import { composeSupergraph } from '../../../schema/composition/composeSupergraph'
import { describePredictions } from '../../../schema/composition/describePredictions'
import { catalog, exampleSubgraphs, input, model, objective, output, source, subgraph } from '../fixture'

/** The description of `type.field` in a composed supergraph. */
function describedBy(sources: typeof exampleSubgraphs, parts: ReturnType<typeof catalog>, field: string) {
  const schema = buildSchema(composeSupergraph(sources, compilePlan(sources, parts)))
  const [type, name] = field.split('.')
  return (schema.getType(type) as GraphQLObjectType).getFields()[name].description
}

it("follows the team's own words with objective, inputs and where they come from, and outputs", () => {
  expect(describedBy(exampleSubgraphs, catalog(), 'Title.predictedRating')).toBe(
    `How the member would rate this title, 0.5 to 5 stars.

Predicted: objective \`PREDICT_RATING\`.

Inputs:
- \`memberId\`: argument \`memberId\`
- \`titleId\`: field \`id\`
- \`genres\`: field \`genres\`
- \`year\`: field \`year\`

Output:
- \`rating\``,
  )
})

const lone = subgraph(
  'scores',
  `type Query { basket(basket: Basket!): Score @predict(objective: "SCORE", inputs: ["price: args.basket.price"]) }
input Basket { price: Float! }
type Score { low: Float high: Float }`,
)

it('says measures, the unit of experiments, what comes from the context, and defaults', () => {
  const score = {
    ...objective(
      'SCORE',
      {
        price: { ...input('price', 'Float!'), measure: 'euros' },
        country: 'String!',
        factor: 'Float = 1.5',
        note: 'String',
      },
      [
        { ...output('low', 'Float'), measure: 'percent', description: 'At least this' },
        output('high', 'Float'),
      ],
    ),
    unit: 'context.member',
  }
  expect(describedBy([lone], catalog({ objectiveList: [score] }), 'Query.basket')).toBe(
    `Predicted: objective \`SCORE\`.

Inputs:
- \`price\` in euros: argument \`basket.price\`
- \`country\`: context \`country\`
- \`factor\`: always 1.5
- \`note\`: never given

Outputs:
- \`low\` in percent: At least this
- \`high\`

Unit of experiments: \`context.member\`.`,
  )
})

it('names a model only where the field pins one', () => {
  const pinned = (text: string) =>
    subgraph('pins', `type Query { score(x: Float!): Float @predict(model: "${text}") }`)
  const parts = catalog({
    models: new Map([['scorer@3', model({ x: 'Float!' }, [output('y', 'Float')])]]),
  })
  expect(describedBy([pinned('scorer@3')], parts, 'Query.score')).toContain(
    'Predicted: pinned model `scorer@3`.',
  )
  expect(describedBy([pinned('scorer')], parts, 'Query.score')).toContain('Predicted: pinned model `scorer`.')
})

it('does not tell clients of sources that are @inaccessible', () => {
  const links = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@inaccessible"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])`
  const people = source(
    'people',
    `${links}
    type Query { person: Person }
    type Person @key(fields: "id") { id: ID! name: String secret: String @inaccessible file: File all: File @inaccessible }
    type File { text: String kept: String @inaccessible }`,
  )
  const fits = source(
    'fits',
    `${links}
    type Person @key(fields: "id") {
      id: ID!
      name: String @external
      secret: String @external
      file: File @external
      all: File @external
      fit(open: String, closed: String @inaccessible, filter: Filter): Float
        @requires(fields: "name secret file { text kept } all { text }")
        @predict(objective: "FIT", inputs: ["text: parent.file.text", "kept: parent.file.kept", "all: parent.all.text",
          "seen: args.filter.seen", "unseen: args.filter.unseen"])
      hush: Float @requires(fields: "secret") @predict(objective: "HUSH")
    }
    type File { text: String @external kept: String @external }
    input Filter { seen: String unseen: String @inaccessible }`,
  )
  const inputs = ['name', 'secret', 'text', 'kept', 'all', 'open', 'closed', 'seen', 'unseen']
  const fit = objective('FIT', Object.fromEntries(inputs.map((name) => [name, 'String'])), [
    output('fit', 'Float'),
  ])
  const hush = objective('HUSH', { secret: 'String' }, [output('hush', 'Float')])
  const parts = catalog({ objectiveList: [fit, hush] })
  expect(describedBy([people, fits], parts, 'Person.fit')).toBe(
    `Predicted: objective \`FIT\`.

Inputs:
- \`name\`: field \`name\`
- \`text\`: field \`file.text\`
- \`open\`: argument \`open\`
- \`seen\`: argument \`filter.seen\`

Output:
- \`fit\``,
  )
  expect(describedBy([people, fits], parts, 'Person.hush')).toBe(
    'Predicted: objective `HUSH`.\n\nOutput:\n- `hush`',
  )
})

it('leaves other fields alone, and says nothing twice', () => {
  const { fields } = compilePlan(exampleSubgraphs, catalog())
  const own = parse(exampleSubgraphs[2].sdl)
  const once = describePredictions(own, fields)
  expect(print(describePredictions(once, fields))).toBe(print(once))
  expect(print(describePredictions(own, []))).toBe(print(own))
})
