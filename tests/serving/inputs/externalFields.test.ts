import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLObjectType, parse } from 'graphql'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { keepBrought, readBrought } from '../../../serving/inputs/externalFields'
import type { FieldCall } from '../../../serving/inputs/subgraphContext'
import { linkFederation } from '../../gateway/federate'

type Resolve = (reference: object, context: object) => unknown

/** An entity type whose reference resolver is `own`, and what the gateway calls. */
function entity(own?: Resolve): { type: GraphQLObjectType; resolveReference: Resolve | undefined } {
  const sdl =
    'type Thing @key(fields: "id") { id: ID! a: Int @external b: Int @external c: Int @requires(fields: "a b") }'
  const typeDefs = parse(`${linkFederation} type Query { none: Int } ${sdl}`)
  const schema = buildSubgraphSchema([
    { typeDefs, resolvers: own === undefined ? {} : { Thing: { __resolveReference: own as never } } },
  ])
  const type = schema.getType('Thing') as GraphQLObjectType
  keepBrought(type)
  const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: Resolve } } }
  return { type, resolveReference: apollo?.subgraph?.resolveReference }
}

const newRequest = () => ({ request: createClientRequest({ id: 'test', deadline: 0 }) })
const call = (parent: unknown, contextValue: object) => ({ parent, contextValue }) as FieldCall

it('keeps what different fetches of a request brought for one object, and nothing of other requests', async () => {
  const shared = Object.freeze({ id: '1' })
  const { type, resolveReference } = entity(async () => shared)
  const [first, second] = [newRequest(), newRequest()]
  const [a, b] = [readBrought(type, 'a'), readBrought(type, 'b')]
  await resolveReference!({ id: '1', a: 1 }, first)
  await resolveReference!({ id: '1', b: 2 }, first)
  expect(await resolveReference!({ id: '1', a: 3 }, second)).toBe(shared)
  expect([a(call(shared, first)), b(call(shared, first))]).toEqual([1, 2])
  expect([a(call(shared, second)), b(call(shared, second))]).toEqual([3, undefined])
  expect(shared).toEqual({ id: '1' })
})

it('takes what the gateway brought, not what the object calls the same', () => {
  const { type, resolveReference } = entity(() => ({ id: '1', a: 'the team’s', b: 'the team’s' }))
  const context = newRequest()
  const parent = resolveReference!({ id: '1', a: null }, context)
  expect(readBrought(type, 'a')(call(parent, context))).toBeNull()
  expect(readBrought(type, 'b')(call(parent, context))).toBeUndefined()
})

it.each([null, undefined, 'text'])('leaves an answer of %p as it is', (answer) => {
  const { resolveReference } = entity(() => answer)
  expect(resolveReference!({ id: '1', a: 1 }, newRequest())).toBe(answer)
})

it('reads what the gateway sent itself where the team has no reference resolver', () => {
  const { type, resolveReference } = entity()
  expect(resolveReference).toBeUndefined()
  expect(readBrought(type, 'a')(call({ id: '1', a: 5 }, newRequest()))).toBe(5)
})

it('tells a server that gave another context than that of predictions', () => {
  const { resolveReference } = entity(() => ({ id: '1' }))
  const yoga = { request: new Request('http://localhost') }
  expect(() => resolveReference!({ id: '1', a: 1 }, yoga)).toThrow('predictions need their own context')
})
