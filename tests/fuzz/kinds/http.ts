import fc from 'fast-check'
import { type Envelope, envelopeHeader, signEnvelope } from '../../../lib/request/envelope'
import { anyText, changedTree } from '../arbitraries'
import type { Sent } from '../asker'
import { anySent } from '../inputs/anySent'
import { oddBody } from '../inputs/oddBody'
import { oddHeaders } from '../inputs/oddHeaders'
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
      {
        weight: 2,
        arbitrary: oddBody.map((body) => ({ body, headers: { 'content-type': 'application/json' } })),
      },
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
