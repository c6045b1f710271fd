import { createCrossSiteCheck } from '../../../gateway/http/crossSite'
import { PresageError } from '../../../lib/errors'

const check = createCrossSiteCheck(['https://app.example'])

/** What urql and others send with a GET. */
const accept = 'application/graphql-response+json, application/json'

test.each([
  ['a page of this server', { 'sec-fetch-site': 'same-origin' }],
  ['a page of an origin that CORS allows', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }],
])('a GET of %s passes, and Apollo Server is told so', (_, headers) => {
  expect(check({ accept, ...headers })).toEqual({ accept, ...headers, 'apollo-require-preflight': 'true' })
})

test.each([
  { 'apollo-require-preflight': '1' },
  { 'x-apollo-operation-name': 'Q' },
  { 'content-type': 'application/json' },
  { 'content-type': 'application/json; charset=utf-8', 'sec-fetch-site': 'cross-site' },
])('so does one for which a browser asks first: %j', (headers) => {
  expect(check(headers)).toBe(headers)
})

test.each([
  {},
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', origin: 'https://other.example' },
  { 'sec-fetch-site': 'none' },
  { 'apollo-require-preflight': '' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'Multipart/Form-Data; boundary=x' },
  { origin: 'null' },
])('all others are refused, and told in one line what to do: %j', (headers) => {
  expect(() => check({ accept, ...headers })).toThrow(
    new PresageError(
      'BAD_REQUEST',
      'a GET must carry the header apollo-require-preflight, against forged requests from other sites; or send POST (urql: preferGetMethod: false)',
    ),
  )
})

test('where all origins may ask, those of pages that say theirs pass', () => {
  const open = createCrossSiteCheck(['*'])
  expect(open({ origin: 'https://any.example' })).toHaveProperty('apollo-require-preflight')
  expect(() => open({ 'sec-fetch-site': 'cross-site' })).toThrow(PresageError)
})
