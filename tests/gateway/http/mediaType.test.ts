import { preferredType } from '../../../gateway/http/mediaType'

const offered = ['application/json', 'application/graphql-response+json', 'text/html'] as const

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  [
    'application/graphql-response+json; charset=utf-8, application/json;q=0.9',
    'application/graphql-response+json',
  ],
  ['application/json, application/graphql-response+json', 'application/json'],
  ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
  ['text/html, application/graphql-response+json, application/json', 'text/html'],
  ['*/*, application/graphql-response+json', 'application/graphql-response+json'],
  ['application/*, text/html', 'text/html'],
  ['Application/JSON;Q=0, */*;q=0.1', 'application/graphql-response+json'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['image/png', undefined],
  [`${'image/png,'.repeat(90)}text/html`, 'text/html'],
  [`${'image/png,'.repeat(1_500)}text/html`, undefined],
  ['text/html;q=nonsense', undefined],
])('%s', (accept, expected) => {
  expect(preferredType(accept, offered)).toBe(expected)
})
