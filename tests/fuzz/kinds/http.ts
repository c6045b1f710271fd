import fc from 'fast-check'
import { type Envelope, envelopeHeader, signEnvelope } from '../../../lib/envelope'
import { anySent } from '../anySent'
import { anyNumber, anyText, anyValue, changedTree } from '../arbitraries'
import type { Sent } from '../asker'
import { editedBytes } from '../editedBytes'
import { headerText } from '../headerText'
import { envelopeKey, startExampleServer } from './exampleServer'
import { type Kind, kindOf } from './kind'

interface Input extends Sent {
  /** What an envelope says that is signed when it is sent. */
  readonly envelope?: unknown
}

/** Whole requests to every path of the example service: bodies, headers, methods and paths. */
export async function startHttp(): Promise<Kind> {
  const server = await startExampleServer()
  return kindOf<Input>({
    inputs: fc.oneof(
      { weight: 5, arbitrary: anySent },
      {
        weight: 3,
        arbitrary: fc
          .tuple(anySent, oddHeaders)
          .map(([sent, odd]) => ({ ...sent, headers: { ...sent.headers, ...odd } })),
      },
      { weight: 2, arbitrary: oddBodies },
      { weight: 2, arbitrary: otherPaths },
      {
        weight: 1,
        arbitrary: fc.tuple(anySent, envelopes).map(([sent, envelope]) => ({ ...sent, envelope })),
      },
    ),
    async feed({ envelope, ...sent }) {
      const signed = envelope === undefined ? {} : { [envelopeHeader]: signedValue(envelope) }
      const whole = { ...sent, headers: { ...sent.headers, ...signed } }
      try {
        return server.require(whole, await server.ask(whole))
      } catch (error) {
        // Who sends too much is answered before all of it is read, and may be cut off before it has read the answer.
        const { code } = error as NodeJS.ErrnoException
        if ((code === 'ECONNRESET' || code === 'EPIPE') && sizeOf(whole) > cutOffSize) return 'refused'
        throw error
      }
    },
    show: (input) => JSON.stringify({ ...input, body: input.body?.toString() }).slice(0, 3000),
    limitMs: 10_000,
    width: 4,
    close: server.close,
  })
}

/** Of a head; a body may be longer. */
const cutOffSize = 8_000

function sizeOf({ body, headers }: Sent): number {
  return (body?.length ?? 0) + JSON.stringify(headers).length
}

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
const oddHeaders = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(value, knownValues, fc.array(value, { minLength: 1, maxLength: 4 })),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((entries) => Object.fromEntries(entries))

const good = '{"query":"query ($n: Int) { titles(first: $n) { id } }","variables":{"n":1}}'
const numbers = [
  '1e999',
  '-1e999',
  '1e-999',
  '9'.repeat(400),
  '0.1e',
  '01',
  '-',
  'NaN',
  '2147483648',
  '1.0',
  '-0',
]
const oddBodies: fc.Arbitrary<Input> = fc
  .oneof(
    editedBytes(fc.constant(Buffer.from(good))),
    fc.constantFrom(...numbers).map((number) => good.replace('"n":1', `"n":${number}`)),
    fc
      .tuple(fc.constantFrom('[', '{"a":', '[{"query":'), fc.nat(5000))
      .map(([open, times]) => open.repeat(times)),
    fc.nat(3000).map((depth) => good.replace('"n":1', `"n":${'['.repeat(depth)}${']'.repeat(depth)}`)),
    fc
      .array(
        fc.oneof(
          fc.constant(good),
          anyValue.map((one) => JSON.stringify(one) ?? ''),
        ),
        { maxLength: 5 },
      )
      .map((all) => `[${all.join(',')}]`),
    fc
      .tuple(fc.constantFrom('query', 'variables', 'operationName', 'extensions'), anyValue)
      .map(([key, one]) => `${good.slice(0, -1)},"${key}":${JSON.stringify(one)}}`),
    fc.constantFrom(
      Buffer.from(`\ufeff${good}`),
      Buffer.from(good, 'utf16le'),
      Buffer.from(good.replace('id', '\udc00'), 'latin1'),
    ),
    fc.constant(`{"query":"{ titles { id } }","x":"${'x'.repeat(1_100_000)}"}`),
  )
  .map((body) => ({ body, headers: { 'content-type': 'application/json' } }))

const paths = [
  ...[
    '/',
    '/sandbox',
    '/graphql/',
    '/graphql//',
    '//graphql',
    '/GRAPHQL',
    '/health/live',
    '/health/ready',
    '/metrics',
  ],
  ...[
    '/v1/routes:resolve',
    '/v1/reload',
    '/v1/models:reload',
    '/../etc/passwd',
    '/%2e%2e/',
    '/%00',
    '*',
    '/graphql;x',
    '/favicon.ico',
  ],
]
const route = {
  objective: 'PREDICT_RATING',
  context: { member: '12' },
  inputs: { titleId: '1' },
  shard: 'main',
}
const otherPaths: fc.Arbitrary<Input> = fc.record({
  path: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...paths) },
    { weight: 2, arbitrary: fc.constant('/v1/routes:resolve') },
    { weight: 1, arbitrary: anyText.map((text) => `/${encodeURI(Buffer.from(text).toString())}`) },
  ),
  method: fc.constantFrom(
    'GET',
    'POST',
    'POST',
    'POST',
    'PUT',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'PATCH',
    'PROPFIND',
  ),
  search: fc.constantFrom('', '', '?', '?a=%ff', '?query=', '?__proto__=1'),
  headers: oddHeaders.map((odd) => ({ 'content-type': 'application/json', ...odd })),
  body: fc.oneof(
    changedTree([route], Object.keys(route)).map((one) => JSON.stringify(one) ?? ''),
    fc.constantFrom('', '{}', 'x', JSON.stringify(route)),
  ),
})

const envelope = {
  ...{
    id: 'a',
    context: { member: '12', country: 'DE' },
    roles: ['operator'],
    origin: 'gateway',
    timeoutMs: 1000,
  },
  ...{
    overrides: { PREDICT_RATING: 'rating-predictor@1' },
    ruleSet: 1,
    ruleSetHash: 'x',
    explain: true,
    subject: 's',
  },
}
const envelopes = changedTree([envelope], Object.keys(envelope))

function signedValue(said: unknown): string {
  try {
    return signEnvelope({ ...(said as Envelope), issuedAt: Date.now() }, envelopeKey)
  } catch {
    return 'too long'
  }
}
