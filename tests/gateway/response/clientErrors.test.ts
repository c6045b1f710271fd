import { GraphQLError } from 'graphql'
import { normalize } from '../../../federation/operations/normalize'
import type { Path, ResponseObject } from '../../../gateway/graphql/responseData'
import { clientErrors, clientPlaces } from '../../../gateway/response/clientErrors'
import { asked } from '../../federation/operations/asked'

const sdl = `
  interface Pet { id: ID! name(in: String): String }
  type Dog implements Pet { id: ID! name(in: String): String friend: Dog }
  type Cat implements Pet { id: ID! name(in: String): String }
  type Query { dog: Dog pets: [Pet] }`

const rootOf = (text: string) => normalize(asked(sdl, text), 'compact').root

/** Path and places in the text of the errors that a client sees. */
function told(text: string, data: ResponseObject, ...paths: (Path | undefined)[]) {
  const errors = paths.map((path) => new GraphQLError('no', { path }))
  return clientErrors(errors, rootOf(text), data, (nodes) => nodes, new Map()).map(({ path, locations }) => [
    path?.join('.'),
    ...(locations ?? []).map(({ column }) => column),
  ])
}

test('an error stands at the client’s own keys, and at each of its uses of the field', () => {
  const data = { dog: { name: null, name_2: 'x' } }
  expect(told('{ d: dog { a: name b: name(in: "no") } }', data, ['dog', 'name'])).toEqual([['d.a', 12]])
  expect(told('{ dog { a: name b: name } e: dog { name } }', data, ['dog', 'name'])).toEqual([
    ['dog.a', 9],
    ['dog.b', 17],
    ['e.name', 36],
  ])
})

test('a field that is written several times under one key has one error with all its places', () => {
  expect(told('{ dog { name } ...F } fragment F on Query { dog { name } }', {}, ['dog', 'name'])).toEqual([
    ['dog.name', 9, 51],
  ])
})

test('in a list, the object’s type says what the client calls its fields; without it, each may be meant', () => {
  const text = '{ pets { ... on Dog { d: name } ... on Cat { c: name } } }'
  const data = { pets: [{ __typename: 'Cat' }, { __typename: 'Dog' }, null] }
  expect(told(text, data, ['pets', 0, 'name'], ['pets', 1, 'name'])).toEqual([
    ['pets.0.c', 46],
    ['pets.1.d', 23],
  ])
  expect(told(text, data, ['pets', 2, 'name'])).toEqual([
    ['pets.2.d', 23],
    ['pets.2.c', 46],
  ])
})

test('an error below what the client selected stands where that ends, and is said once', () => {
  const data = { dog: { friend: { name: null, id: null } } }
  expect(
    told('{ d: dog { id } }', data, ['dog', 'friend', 'name'], ['dog', 'friend', 'id'], ['dog', 'name']),
  ).toEqual([['d', 3]])
  expect(told('{ __typename }', data, ['dog', 'name'])).toEqual([[undefined]])
})

test('an error of no place stays as it is', () => {
  expect(told('{ dog { id } }', {}, undefined)).toEqual([[undefined]])
})

test('predictions are explained at all places of theirs', () => {
  const root = rootOf('{ a: dog { name } b: dog { x: name y: name } }')
  const paths = clientPlaces(['dog', 'name'], root, {}).map(({ path }) => path.join('.'))
  expect(paths).toEqual(['a.name', 'b.x', 'b.y'])
})
