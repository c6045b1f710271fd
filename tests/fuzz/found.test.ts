import { parseManifest } from '../../models/parseManifest'
import { compilePlan } from '../../schema/compilePlan'
import { manifestText, problemsOf } from '../models/support'
import { catalog, federation, predict, source } from '../schema/fixture'

/** Inputs that the fuzz of this folder once broke something with. */

test('a key of a step that holds a line break, or thousands of letters, stays within the line of its problem', () => {
  const problems = (key: string) =>
    problemsOf(() =>
      parseManifest(
        manifestText(
          `features: { a: { type: Int } }\npreprocess: { x: { ${JSON.stringify(key)}: a } }\npostprocess: { y: { column: y } }`,
        ),
        'model.yaml',
      ),
    )
  expect(problems('\r\n')).toEqual([
    expect.stringMatching(/^model\.yaml: preprocess\.x: .*, got { "\\r\\n" }$/),
  ])
  expect(problems('k'.repeat(5000))[0].length).toBeLessThan(500)
})

const body = (arguments_: string) => `
type Title @key(fields: "id") { id: ID! guess(memberId: ID!): Float @predict(${arguments_}) }`

test('a @link without a url is a problem of its file', () => {
  const sdl = `${federation}\n  @link\ntype Query { titles: Int }`
  expect(problemsOf(() => compilePlan([source('films', sdl)], catalog()))).toEqual([
    'subgraphs/films/schema.graphql: Invalid @link directive',
  ])
})

test('an argument of @predict that is a list in a list is a problem with its line', () => {
  const sdl = `${federation}\n${predict}${body('inputs: [[]]')}`
  expect(problemsOf(() => compilePlan([source('films', sdl)], catalog()))).toEqual([
    expect.stringMatching(
      /^subgraphs\/films\/schema\.graphql:3:\d+: Argument "inputs" has invalid value \[\[\]\]\.$/,
    ),
  ])
})
