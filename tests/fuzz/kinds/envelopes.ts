import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import fc from 'fast-check'
import type { JWTPayload } from 'jose'
import { createRequestReader, type Trust } from '../../../gateway/identity/requestReader'
import { createTokenVerifier } from '../../../gateway/identity/tokenVerifier'
import { compileProxies } from '../../../gateway/identity/trustedProxies'
import { PresageError } from '../../../lib/errors'
import { noMetrics } from '../../../lib/metrics'
import { AbortableCaller } from '../../../lib/request/caller'
import { type Envelope, envelopeHeader, openEnvelope, signEnvelope } from '../../../lib/request/envelope'
import { audience, createSigner, issuer } from '../../gateway/tokens'
import { anyNumber, anyText, anyValue, changedTree } from '../arbitraries'
import { editedBytes } from '../inputs/editedBytes'
import { headerText } from '../inputs/headerText'
import { type Kind, kindOf, type Outcome } from './kind'

type Input =
  | { readonly is: 'envelope'; readonly text: string; readonly later: number }
  | { readonly is: 'token'; readonly text: string; readonly later: number }

const keys = ['the key of this deployment', 'and the one before it']
const now = Date.now()
const envelope: Envelope = {
  ...{ id: 'a-request', context: { member: '12', age: 3, isNew: true }, roles: ['viewer', 'researcher'] },
  ...{ origin: 'gateway', issuedAt: now, timeoutMs: 1000, ruleSet: 3, ruleSetHash: 'abc' },
  ...{ overrides: { PREDICT_RATING: 'rater@1' }, explain: true, subject: 'somebody' },
}

/**
 * Envelopes and tokens: right ones with a few bits or claims changed, signed by the right key or another. What nobody signed is never
 * believed, and what somebody signed is believed as it was signed or not at all.
 */
export async function startEnvelopes(): Promise<Kind> {
  const own = createSigner()
  const other = createSigner()
  let later = 0
  const clock = () => now + later
  const trust: Trust = {
    envelopeKeys: keys,
    isTrustedProxy: compileProxies(['10.0.0.0/8']),
    verifyToken: createTokenVerifier({ issuer, audience, algorithms: ['ES256'], jwks: own.jwksFile }, clock),
    rolesClaim: 'realm.roles',
    rolesOfAnybody: [],
  }
  const readRequest = createRequestReader({
    context: new Map([
      ['member', { from: 'edge', header: 'x-member', type: 'string' }],
      ['tenant', { from: 'token', claim: 'org.tenant', type: 'string' }],
      ['age', { from: 'token', claim: 'age', type: 'number' }],
    ]),
    defaultTimeoutMs: 1000,
    trust,
    explain: false,
    bypassCache: false,
    metrics: noMetrics,
    onUnverified() {},
    wallClock: clock,
  })
  const read = async (headers: IncomingHttpHeaders) => {
    const message = { headers, socket: { remoteAddress: '10.1.1.1' } }
    return readRequest(message as unknown as IncomingMessage, 0, new AbortableCaller())
  }
  const tokens = await signedTokens(own, other)
  const good = new Set(tokens.filter(({ isOurs }) => isOurs).map(({ text }) => meaningOf(text)))

  const feed = async (input: Input): Promise<Outcome> => {
    later = input.later
    if (input.is === 'envelope') {
      const opened = openEnvelope(input.text, keys, clock())
      if (opened.is === 'valid' && !isSigned(input.text)) throw new Error('nobody signed it')
    }
    const headers = input.is === 'envelope' ? { [envelopeHeader]: input.text } : { authorization: input.text }
    try {
      const request = await read(headers)
      if (input.is === 'token' && request.subject !== undefined) {
        if (!good.has(meaningOf(input.text))) throw new Error('nobody signed the token')
      }
      if (input.is === 'envelope' && request.envelope === undefined) {
        if (request.roles.length > 0) throw new Error('an envelope that is not believed gives roles')
        return 'refused'
      }
    } catch (error) {
      if (!(error instanceof PresageError) || error.message === '') throw error
      return 'refused'
    }
    return 'taken'
  }
  return kindOf<Input>({
    inputs: inputsWith(tokens.map(({ text }) => text)),
    feed,
    limitMs: 2000,
    show: JSON.stringify,
  })
}

async function signedTokens(own: ReturnType<typeof createSigner>, other: ReturnType<typeof createSigner>) {
  const claims = [
    {},
    { sub: 'somebody', realm: { roles: ['operator'] }, org: { tenant: 'a' }, age: 3 },
    { sub: 7, realm: { roles: 'viewer operator' }, org: [], age: '3' },
    { sub: null, realm: null, exp: Math.floor(now / 1000) - 100 },
    { iss: 'somebody-else', nbf: Math.floor(now / 1000) + 5000 },
    { exp: 1e300 },
    JSON.parse('{"__proto__": {"roles": ["operator"]}, "constructor": {"roles": ["operator"]}}') as object,
  ]
  const signed = []
  for (const one of claims) {
    for (const [signer, isOurs] of [
      [own, true],
      [other, false],
    ] as const) {
      signed.push({ text: `Bearer ${await signer.sign(one as JWTPayload)}`, isOurs })
    }
  }
  const [head, payload] = signed[0].text.split('.')
  for (const alg of ['none', 'HS256', 'ES384', '']) {
    const odd = Buffer.from(JSON.stringify({ alg, kid: 'key-1' })).toString('base64url')
    signed.push({ text: `Bearer ${odd}.${payload}.`, isOurs: false })
    signed.push({ text: `${head}.${payload}.${odd}`, isOurs: false })
  }
  return signed
}

function inputsWith(tokens: readonly string[]): fc.Arbitrary<Input> {
  const hour = 3_600_000
  const later = fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: -6000, max: 6000 }) },
    { weight: 1, arbitrary: fc.constantFrom(-hour, hour, 10_000 * hour) },
  )
  const content = fc.oneof(
    { weight: 6, arbitrary: changedTree([envelope], Object.keys(envelope)) },
    { weight: 1, arbitrary: anyValue },
    {
      weight: 2,
      arbitrary: fc
        .record({ issuedAt: anyNumber, timeoutMs: anyNumber })
        .map((times) => ({ ...envelope, ...times })),
    },
  )
  const signed = fc
    .tuple(content, fc.constantFrom(...keys, 'another key of nobody'))
    .map(([value, key]) => signedValue(value, key))
  const base64 = (text: string) => Buffer.from(text, 'base64url')
  const envelopes = fc.oneof(
    { weight: 4, arbitrary: signed },
    { weight: 4, arbitrary: editedBytes(signed.map(base64)).map((bytes) => bytes.toString('base64url')) },
    { weight: 3, arbitrary: editedBytes(signed.map((text) => Buffer.from(text))).map(headerText) },
    { weight: 1, arbitrary: anyText.map((text) => headerText(Buffer.from(text))) },
  )
  const token = fc.constantFrom(...tokens)
  const parts = fc
    .tuple(token, token, token)
    .map(([one, two, three]) => [one.split('.')[0], two.split('.')[1], three.split('.')[2]].join('.'))
  const bearers = fc.oneof(
    { weight: 2, arbitrary: token },
    { weight: 4, arbitrary: editedBytes(token.map((text) => Buffer.from(text))).map(headerText) },
    { weight: 2, arbitrary: parts },
    { weight: 1, arbitrary: anyText.map((text) => headerText(Buffer.from(`Bearer ${text}`))) },
  )
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ is: fc.constant('envelope' as const), text: envelopes, later }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('token' as const), text: bearers, later }) },
  )
}

/** Too long a text is signed as well, and then refused by its reader. */
function signedValue(value: unknown, key: string): string {
  try {
    return signEnvelope(value as Envelope, key)
  } catch {
    return 'x'.repeat(7000)
  }
}

/** Whether its content is what one of the keys signs. */
function isSigned(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  const content = bytes.subarray(33).toString()
  return keys.some((key) => {
    const value: unknown = JSON.parse(content)
    const again = Buffer.from(signEnvelope(value as Envelope, key), 'base64url')
    // What JSON says in other words is signed in those words; then the signatures differ, and nothing can be said here.
    return !again.subarray(33).equals(bytes.subarray(33)) || again.equals(bytes)
  })
}

/** What a token says, whatever letters that mean nothing stand between. */
function meaningOf(token: string): string {
  const [head = '', payload = ''] = token.replace(/^bearer +/i, '').split('.')
  return [head, payload].map((part) => Buffer.from(part, 'base64url').toString()).join('\n')
}
