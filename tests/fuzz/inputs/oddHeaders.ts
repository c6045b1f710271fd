import fc from 'fast-check'
import { anyNumber, anyText } from '../arbitraries'
import { headerText } from './headerText'

const bytes = fc.oneof(
  anyText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all)),
  fc.nat(9000).map((length) => Buffer.alloc(length, 'x')),
)
const value = fc.oneof(
  bytes.map(headerText),
  anyNumber.map(String),
  fc.constantFrom(
    '1',
    '0',
    'true',
    'a, b',
    '*/*;q=0.1',
    ';;;,,,',
    '"',
    'application/json',
    'bypass',
    'rater@1=x',
  ),
)
const names = [
  ...[
    'accept',
    'accept-encoding',
    'content-type',
    'origin',
    'authorization',
    'traceparent',
    'tracestate',
    'cookie',
  ],
  ...['x-forwarded-for', 'x-request-id', 'x-presage-timeout-ms', 'x-presage-override', 'x-presage-explain'],
  ...[
    'x-presage-cache',
    'x-presage-synthetic',
    'x-presage-request',
    'x-member',
    'x-device',
    'apollo-require-preflight',
  ],
  ...[
    'if-none-match',
    'range',
    'te',
    'forwarded',
    'x-apollo-operation-name',
    'apollographql-client-name',
    '__proto__',
  ],
]
const knownValues = fc.constantFrom(
  ...[
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'Bearer a.b.c',
    'Basic eA==',
    '::1',
    '1.2.3.4, 5.6.7.8',
  ],
  ...[
    'PREDICT_RATING=rating-predictor@1',
    'application/graphql-response+json',
    'gzip;q=0, br',
    'null',
    'http://localhost',
  ],
)
/** Headers that Presage or what stands before it reads, with any value, repeated ones among them. */
export const oddHeaders = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(value, knownValues, fc.array(value, { minLength: 1, maxLength: 4 })),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((entries) => Object.fromEntries(entries))
