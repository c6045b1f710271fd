import { buildSchema, parse } from 'graphql'
import { createLocalExecutor } from '../../../gateway/local/localExecutor'
import { createClientRequest } from '../../../lib/request/clientRequest'

const schema = buildSchema('type Query { echo(text: String!): String }')
schema.getQueryType()!.getFields()['echo'].resolve = (_, { text }, { member }) => `${member}: ${text}`

const text = 'query ($text: String!) { echo(text: $text) }'
const operation = { kind: 'query', text, document: parse(text) } as const
const request = createClientRequest({ id: '1', context: { member: '12' }, deadline: 0 })

test.each([
  [true, { a: 'y: 1' }],
  [false, { b: 'y: 2' }],
])('an operation with conditions is run by graphql-js: %s', async (yes, expected) => {
  const document = parse(
    'query ($yes: Boolean!) { a: echo(text: "1") @include(if: $yes) b: echo(text: "2") @skip(if: $yes) }',
  )
  const executor = createLocalExecutor('a', schema, () => ({ member: 'y' }))
  const { data } = await executor.execute({ kind: 'query', text: '', document }, { yes }, request)
  expect({ ...data }).toEqual(expected)
})

test('resolvers get what is made of the client request', async () => {
  const executor = createLocalExecutor('a', schema, ({ context }) => context)
  const { data } = await executor.execute(operation, { text: 'hi' }, request)
  expect({ ...data }).toEqual({ echo: '12: hi' })
})

test('it resolves with errors where the operation cannot be run', async () => {
  const executor = createLocalExecutor('a', schema, () => ({}))
  const { data, errors } = await executor.execute(operation, {}, request)
  expect(data).toBeUndefined()
  expect(errors?.[0].message).toBe('Variable "$text" of required type "String!" was not provided.')
})

test('it resolves also where the context cannot be made, with the cause for the log', async () => {
  const cause = new Error('no database')
  const executor = createLocalExecutor('a', schema, () => {
    throw cause
  })
  const { errors } = await executor.execute(operation, { text: 'hi' }, request)
  expect(errors?.[0].originalError).toBe(cause)
})
