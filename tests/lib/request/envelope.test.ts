import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { PresageError } from '../../../lib/errors'
import {
  type Envelope,
  maxClockSkewMs,
  maxEnvelopeLength,
  openEnvelope,
  signEnvelope,
} from '../../../lib/request/envelope'

const key = 'the key of this deployment'
const envelope: Envelope = {
  id: 'request-1',
  context: { member: '12', age: 30.5, beta: true },
  roles: ['viewer', 'researcher'],
  origin: 'gateway at here',
  issuedAt: 1_000_000,
  timeoutMs: 500,
  ruleSet: 7,
  overrides: { PREDICT_RATING: 'rating-predictor@2' },
}
const open = (text: string, now = 1_000_100, keys: readonly string[] = [key]) => openEnvelope(text, keys, now)

/** Signed with the key, whatever it says. */
function signed(content: string, version = 1): string {
  const head = Buffer.of(version)
  const body = Buffer.from(content)
  const signature = createHmac('sha256', key).update(head).update(body).digest()
  return Buffer.concat([head, signature, body]).toString('base64url')
}

it('comes out as it went in, with what is left of its time', () => {
  expect(open(signEnvelope(envelope, key))).toEqual({ is: 'valid', envelope, remainingMs: 400 })
})

it('fits a header, and is the same for the same content', () => {
  const text = signEnvelope(envelope, key)
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(signEnvelope(envelope, key)).toBe(text)
})

it('is over when its own time is', () => {
  const text = signEnvelope(envelope, key)
  expect(open(text, 1_000_499).is).toBe('valid')
  expect(open(text, 1_000_500)).toEqual({ is: 'expired' })
})

it('gives no more time than it had where the clock of its writer is ahead', () => {
  const text = signEnvelope(envelope, key)
  expect(open(text, 999_000)).toMatchObject({ is: 'valid', remainingMs: 500 })
  expect(open(text, 1_000_000 - maxClockSkewMs)).toMatchObject({ is: 'valid', remainingMs: 500 })
})

it('is invalid when it was written further ahead than clocks differ', () => {
  const text = signEnvelope(envelope, key)
  expect(open(text, 1_000_000 - maxClockSkewMs - 1)).toEqual({ is: 'invalid' })
  expect(open(text, 1_000_000 - 3_600_000)).toEqual({ is: 'invalid' })
})

it('is accepted with any key of the reader, and with no other', () => {
  const text = signEnvelope(envelope, 'the key of yesterday')
  expect(open(text, 1_000_000, [key, 'the key of yesterday']).is).toBe('valid')
  expect(open(text).is).toBe('invalid')
  expect(open(text, 1_000_000, []).is).toBe('invalid')
})

it('is invalid with any bit of it changed', () => {
  const bytes = Buffer.from(signEnvelope(envelope, key), 'base64url')
  const accepted = [...bytes.keys()].filter((i) => {
    const changed = Buffer.from(bytes)
    changed[i] ^= 1
    return open(changed.toString('base64url')).is !== 'invalid'
  })
  expect(accepted).toEqual([])
})

it.each([
  ['nothing', ''],
  ['what is no base64', '{"id":1}'],
  ['a version that there is not yet', signed(JSON.stringify(envelope), 2)],
  ['a signature alone', signed('')],
  ['no JSON', signed('{')],
  ['no object', signed('[]')],
  ['null', signed('null')],
  ['no id', signed(JSON.stringify({ ...envelope, id: 1 }))],
  ['no time', signed(JSON.stringify({ ...envelope, timeoutMs: null }))],
  ['a context with a list in it', signed(JSON.stringify({ ...envelope, context: { member: ['12'] } }))],
  ['no roles', signed(JSON.stringify({ ...envelope, roles: 'operator' }))],
  ['overrides that are no texts', signed(JSON.stringify({ ...envelope, overrides: { A: 1 } }))],
  ['overrides that are a list', signed(JSON.stringify({ ...envelope, overrides: ['A=m@1'] }))],
  ['a rule set that has no number', signed(JSON.stringify({ ...envelope, ruleSet: 'x' }))],
  ['an address that is no text', signed(JSON.stringify({ ...envelope, address: 7 }))],
  ['too much', signed(JSON.stringify({ ...envelope, origin: 'x'.repeat(maxEnvelopeLength) }))],
])('is invalid when it holds %s', (_, text) => {
  expect(open(text)).toEqual({ is: 'invalid' })
})

it('is invalid whatever else is sent, and never throws', () => {
  const header = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.json())
  fc.assert(
    fc.property(header, fc.json(), (text, content) => {
      expect(open(text)).toEqual({ is: 'invalid' })
      expect(open(signed(content)).is).toBe('invalid')
    }),
    { numRuns: 2000, seed: 3 },
  )
})

it('may hold keys of a later version', () => {
  expect(open(signed(JSON.stringify({ ...envelope, explain: true })))).toMatchObject({ envelope })
})

it('refuses a context that no header can hold', () => {
  const context = { note: 'x'.repeat(maxEnvelopeLength) }
  expect(() => signEnvelope({ ...envelope, context }, key)).toThrow(PresageError)
})
