import { execute, parse } from 'graphql'
import { compileLocalOperation } from '../../../gateway/local/localExecutor'
import { buildPredictionSubgraph } from '../../../serving/fields/subgraphSchema'
import type { PredictionRuntime } from '../../../serving/requests/predictionRuntime'
import { linkFederation } from '../../gateway/federate'

const sdl = `
  interface Media @key(fields: "id") { id: ID! }
  type Book implements Media @key(fields: "id") { id: ID! }
  type Thing @key(fields: "id") { id: ID! }
  type Part { size: Int }
  type Query { part: Part }
`
const resolvers = { Thing: { __resolveReference: ({ id }: { id: string }) => ({ id }) } }
const document = parse(`query ($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Thing { id } ... on Book { id } }
}`)

const ways: Readonly<Record<string, (representations: readonly unknown[]) => unknown>> = {
  'by graphql-js': (representations) =>
    execute({ schema: subgraph(), document, variableValues: { representations }, contextValue: {} }),
  compiled: (representations) => compileLocalOperation(subgraph(), document)!({ representations }, {}),
}

function subgraph() {
  return buildPredictionSubgraph(
    parse(`${linkFederation} ${sdl}`),
    { ...resolvers, Media: { __resolveType: () => 'Book' } },
    [],
    {} as PredictionRuntime,
  )
}

describe.each(Object.entries(ways))('A representation that names no entity, %s', (_, ask) => {
  it.each<[string, unknown, string]>([
    ['of a type that is none', { __typename: 'Nope', id: '1' }, '__typename: "Nope"'],
    ['of an object without a key', { __typename: 'Part', size: 1 }, '__typename: "Part"'],
    ['of the root type', { __typename: 'Query' }, '__typename: "Query"'],
    ['of a scalar', { __typename: 'Int' }, '__typename: "Int"'],
    ['of introspection', { __typename: '__Type' }, '__typename: "__Type"'],
    ['named as a prototype', { __typename: '__proto__' }, '__typename: "__proto__"'],
    ['named by a number', { __typename: 5 }, '__typename: 5'],
    ['without a name', { id: '1' }, '__typename: nothing'],
    ['that is text', 'Thing', '"Thing"'],
    ['that is a list', [1], '[1]'],
  ])('%s, is refused in its place, and the others are answered', async (_, bad, got) => {
    const things = [{ __typename: 'Thing', id: 'a' }, bad, { __typename: 'Thing', id: 'b' }]
    const { data, errors } = (await ask([...things, bad])) as Awaited<ReturnType<typeof execute>>
    expect({ ...data }).toEqual({
      _entities: [{ __typename: 'Thing', id: 'a' }, null, { __typename: 'Thing', id: 'b' }, null],
    })
    expect(errors?.map(({ path }) => path)).toEqual([
      ['_entities', 1],
      ['_entities', 3],
    ])
    expect(errors?.[0].extensions).toEqual({ code: 'BAD_REQUEST' })
    expect(errors?.[0].message).toBe(
      `a representation must be an object with the __typename of an entity of this subgraph (Book, Thing), got ${got}`,
    )
  })

  it('may be that of an interface with a key', async () => {
    expect(await ask([{ __typename: 'Media', id: 'm' }])).toEqual({
      data: { _entities: [{ __typename: 'Book', id: 'm' }] },
    })
  })

  it('may be all that there is', async () => {
    const { data, errors } = (await ask([{ __typename: 'Nope' }])) as Awaited<ReturnType<typeof execute>>
    expect({ ...data }).toEqual({ _entities: [null] })
    expect(errors).toHaveLength(1)
  })
})
