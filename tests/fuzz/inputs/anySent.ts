import fc from 'fast-check'
import { anyNumber, anyText, anyValue, changedTree, editedText } from '../arbitraries'
import type { Sent } from '../asker'

const operations: readonly { query: string; variables: object }[] = [
  {
    query: `query Q($id: ID!, $n: Int = 3) { member(id: $id) { id history(first: $n) { stars title { name } }
      recommendedTitles(first: 5) { score title { id year predictedRating(memberId: $id) } } } }`,
    variables: { id: '12', n: 2 },
  },
  {
    query:
      'query ($ids: [ID!], $m: ID!) { titles(ids: $ids) { id r: predictedRating(memberId: $m) ...F } } fragment F on Title { genres }',
    variables: { ids: ['1', '3'], m: '12' },
  },
  {
    query:
      'query ($n: Int!, $yes: Boolean!) { messages(first: $n) { id abuse @include(if: $yes) { probability label } } }',
    variables: { n: 3, yes: true },
  },
  {
    query:
      'query ($t: String!, $n: Int) { searchTitles(text: $t, first: $n) { score title { name } } payments(first: 2) { id risk { probability } } }',
    variables: { t: 'star wras', n: 2 },
  },
  { query: '{ __schema { types { name fields { name } } } }', variables: {} },
]

const query = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...operations.map((one) => one.query)) },
  { weight: 5, arbitrary: editedText(operations.map((one) => one.query)) },
  { weight: 1, arbitrary: anyText },
)
const variables = fc.oneof(
  {
    weight: 4,
    arbitrary: changedTree(
      operations.map((one) => one.variables),
      ['id', 'n', 'ids', 'm', 't', 'yes'],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      n: anyNumber,
      t: anyText,
      id: anyText,
      m: anyValue,
      ids: fc.array(anyValue),
      yes: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: anyValue },
)
const sentBody: fc.Arbitrary<string | Buffer> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .tuple(query, variables)
      .map(([text, values]) => JSON.stringify({ query: text, variables: values })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...operations)
      .chain((one) => variables.map((values) => JSON.stringify({ ...one, variables: values }))),
  },
  {
    weight: 3,
    arbitrary: changedTree(
      [...operations, [operations[0]]],
      ['query', 'variables', 'operationName', 'extensions'],
    ).map((tree) => JSON.stringify(tree) ?? ''),
  },
  { weight: 3, arbitrary: editedText(operations.map((one) => JSON.stringify(one))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: anyValue.map((value) => JSON.stringify(value)) },
)
const headerValue = anyText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim())
const oneHeader = fc.oneof(
  fc.tuple(
    fc.constantFrom('x-member', 'x-country', 'x-device', 'x-anything', 'accept', 'origin', 'cookie'),
    headerValue,
  ),
  fc.tuple(fc.constant('x-presage-timeout-ms'), fc.oneof(anyNumber.map(String), headerValue)),
  fc.tuple(
    fc.constant('content-type'),
    fc.oneof(
      headerValue,
      fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data'),
    ),
  ),
  fc.tuple(fc.constant('content-encoding'), fc.constantFrom('gzip', 'br', 'identity', 'nothing')),
  fc.tuple(
    fc.constant('accept'),
    fc.constantFrom('application/graphql-response+json', 'multipart/mixed', '*/*;q=0', 'text/event-stream'),
  ),
)
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(oneHeader, { maxLength: 3 }) },
)
/** Requests to /graphql of the example, most of them near to good ones. */
export const anySent: fc.Arbitrary<Sent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      body: sentBody,
      headers: headers.map((all) => Object.fromEntries([['content-type', 'application/json'], ...all])),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'),
      search: fc
        .tuple(query, variables)
        .map(([text, values]) => `?query=${encode(text)}&variables=${encode(JSON.stringify(values) ?? '')}`),
      headers: headers.map((all) => Object.fromEntries([['apollo-require-preflight', '1'], ...all])),
    }),
  },
)

function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()) // with lone surrogates replaced
}
