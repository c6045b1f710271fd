import { buildSubgraphSchema } from '@apollo/subgraph'
import { composeServices } from '@theguild/federation-composition'
import { Kind, parse, print } from 'graphql'
import { withPredictDirective } from '../../../schema/sdl/predictDirective'
import { federation, predict, recommendations, source, subgraph } from '../fixture'

const definitionsIn = (sdl: string) =>
  parse(sdl).definitions.filter(
    (node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === 'predict',
  )

const field = 'type Query {\n  # kept\n  x: Float @predict(model: "m")\n}\n'

describe('the full schema of a subgraph', () => {
  it('has the definition, and composes the directive by an import of @composeDirective', () => {
    const { sdl } = withPredictDirective(subgraph('a', field))
    expect(definitionsIn(sdl)).toHaveLength(1)
    expect(sdl.split('\n').slice(0, 2)).toEqual([
      federation.replace('"@override"', '"@override", "@composeDirective"'),
      `${predict} @composeDirective(name: "@predict")`,
    ])
  })

  it('keeps lines and comments, so that messages name the lines that the team wrote', () => {
    const { sdl } = withPredictDirective(subgraph('a', field))
    expect(sdl.split('\n').slice(2, 6)).toEqual(field.trimEnd().split('\n'))
  })

  it('is the same document as text', () => {
    const { sdl, document } = withPredictDirective(recommendations)
    expect(print(document)).toBe(print(parse(sdl)))
  })

  it('stays the same when it is added once more', () => {
    const { sdl } = withPredictDirective(recommendations)
    expect(withPredictDirective({ ...recommendations, sdl }).sdl).toBe(sdl)
  })

  it('is built by @apollo/subgraph and composed by composition', () => {
    const { document } = withPredictDirective(subgraph('a', field))
    expect(
      buildSubgraphSchema([{ typeDefs: document }])
        .getDirective('predict')
        ?.args.map((arg) => arg.name),
    ).toEqual(['objective', 'model', 'shard', 'inputs', 'output'])
    const { supergraphSdl } = composeServices([{ name: 'a', url: 'http://a', typeDefs: document }])
    expect(supergraphSdl).toContain('x: Float @predict(model: "m")')
  })

  it('has the definition where the schema links the directive and does not use it yet', () => {
    expect(definitionsIn(withPredictDirective(subgraph('a', 'type Query { x: Int }')).sdl)).toHaveLength(1)
  })

  it('uses the name that @composeDirective was imported under', () => {
    const links = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.1", import: [{ name: "@composeDirective", as: "@compose" }])\n${predict}`
    expect(withPredictDirective(source('a', `${links}\n${field}`)).sdl).toContain(
      'import: ["@predict"]) @compose(name: "@predict")',
    )
  })

  it.each([
    ['without an import list', 'url: "https://specs.apollo.dev/federation/v2.9"'],
    ['with an empty one', 'url: "https://specs.apollo.dev/federation/v2.9", import: []'],
    ['with an import before the url', 'import: ["@key"], url: "https://specs.apollo.dev/federation/v2.9"'],
  ])('is made for a link %s', (_, link) => {
    const { document } = withPredictDirective(
      source('a', `extend schema @link(${link})\n${predict}\n${field}`),
    )
    expect(composeServices([{ name: 'a', url: 'http://a', typeDefs: document }]).errors).toBeUndefined()
  })

  it('is what the team wrote where that has nothing to do with predictions', () => {
    const plain = source('a', 'type Query { x: Int }')
    expect(withPredictDirective(plain).sdl).toBe(plain.sdl)
  })
})

describe('a schema is refused with the line to write', () => {
  const linkLine = '@link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])'

  it.each([
    [
      'that uses the directive and does not link it',
      `${federation}\n${field}`,
      `subgraphs/a/schema.graphql:4 @predict: must be linked by the schema, got no link; write: extend schema ${linkLine}`,
    ],
    [
      'that links another version of it',
      `${federation}\n${predict.replace('v1.0', 'v2.0')}\n${field}`,
      `subgraphs/a/schema.graphql:2 @predict: must be linked as ${linkLine}, got @link(url: "https://specs.presage.dev/predict/v2.0", import: ["@predict"])`,
    ],
    [
      'that links it under another name',
      `${federation}\n${predict.replace('"@predict"', '{ name: "@predict", as: "@ml" }')}\n${field}`,
      `subgraphs/a/schema.graphql:2 @predict: must be linked as ${linkLine}, got @link(url: "https://specs.presage.dev/predict/v1.0", import: [{name: "@predict", as: "@ml"}])`,
    ],
    [
      'that links it without an import',
      `${federation}\n@link(url: "https://specs.presage.dev/predict/v1.0")\n${field}`,
      `subgraphs/a/schema.graphql:2 @predict: must be linked as ${linkLine}, got @link(url: "https://specs.presage.dev/predict/v1.0")`,
    ],
    [
      'that links federation below v2.1',
      `${federation.replace('v2.9', 'v2.0')}\n${predict}\n${field}`,
      'subgraphs/a/schema.graphql:1 @predict: needs federation v2.1 or later, got "https://specs.apollo.dev/federation/v2.0"; write: @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable", "@override"])',
    ],
    [
      'that does not link federation',
      `extend schema ${linkLine}\n${field}`,
      'subgraphs/a/schema.graphql:1 @predict: needs federation v2.1 or later, got no link to it; write: extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])',
    ],
    [
      'that defines the directive in its own way',
      `${federation}\n${predict}\ndirective @predict(model: String!) on FIELD_DEFINITION\n${field}`,
      'subgraphs/a/schema.graphql:3 @predict: must have no definition of its own (it is added when the schema loads), got another one; leave it out, or write: directive @predict(objective: String, model: String, shard: String, inputs: [String!], output: String) on FIELD_DEFINITION',
    ],
  ])('%s', (_, sdl, problem) => {
    expect(() => withPredictDirective(source('a', sdl))).toThrow(
      expect.objectContaining({ problems: [problem] }),
    )
  })

  it('that does not parse, with line and column', () => {
    expect(() => withPredictDirective(source('a', 'type Query {\n  x Int\n}'))).toThrow(
      'subgraphs/a/schema.graphql:2:5: Syntax Error: Expected ":", found Name "Int".',
    )
  })
})
