import { createHmac, timingSafeEqual } from 'node:crypto'
import { PresageError } from '../errors'
import { isMap } from '../isMap'
import { readJson } from '../readJson'
import type { Context } from './clientRequest'
import { grantedRoles, type Role } from './roles'

/** The header in which an envelope travels between processes. */
export const envelopeHeader = 'x-presage-request'

/**
 * What a gateway without a key sends in the place of an envelope, so that a subgraph that is open to its own machine is
 * not open to that gateway's clients.
 */
export const noEnvelope = 'none'

/**
 * What the first Presage process that gets a request knows of it, for the processes behind it. Readers ignore unknown
 * keys, so that later versions can add some.
 */
export interface Envelope {
  /** The request's id. */
  readonly id: string
  readonly context: Context
  readonly roles: readonly Role[]
  /** The name of the process that wrote it. */
  readonly origin: string
  /** When it was written, in milliseconds since 1970. */
  readonly issuedAt: number
  /** How much time the request had at that moment, in milliseconds. */
  readonly timeoutMs: number
  /** The rule set that decides the request; if absent, the reader's active one. */
  readonly ruleSet?: number
  /** The first digits of that rule set's SHA-256, because in another store the number may belong to another text. */
  readonly ruleSetHash?: string
  /** By objective, the `name@version` that the authorized client asked for. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Set if the client, being authorized, asked for explanations of its predictions. */
  readonly explain?: true
  /** Set if the client, being authorized, asked to bypass the prediction cache. */
  readonly bypassCache?: true
  /** Set if the request comes from a test or probe, not from a user. */
  readonly synthetic?: true
  /** The subject of the request's token; null if the token has none, absent without a token. */
  readonly subject?: string | null
  /** The client's address, if no subject identifies it. */
  readonly address?: string
}

/**
 * - `valid`: its writer has the key. `remainingMs` is what is left of the request's time.
 * - `expired`: its writer has the key, but the request's time is up.
 * - `invalid`: its writer is unknown, or its time of writing is in the future.
 */
export type OpenedEnvelope =
  | { readonly is: 'valid'; readonly envelope: Envelope; readonly remainingMs: number }
  | { readonly is: 'expired' }
  | { readonly is: 'invalid' }

/** The most characters of a header's value. */
export const maxEnvelopeLength = 6000

/** How far the writer's clock may be ahead of the reader's, in milliseconds. */
export const maxClockSkewMs = 5000

/**
 * Encodes an envelope as a header's value: base64url of a version byte, the HMAC-SHA256 of version and content, and the
 * content as JSON. Throws BAD_REQUEST if the context makes it too long for a header.
 */
export function signEnvelope(envelope: Envelope, key: string): string {
  const content = Buffer.from(JSON.stringify(envelope))
  const text = Buffer.concat([versionByte, signatureOf(content, key), content]).toString('base64url')
  if (text.length <= maxEnvelopeLength) return text
  throw new PresageError(
    'BAD_REQUEST',
    `context and overrides: must fit into ${maxEnvelopeLength} characters with their signature, got ${text.length}`,
  )
}

/** Opens a header's value. `keys` are tried in order; `now` is in milliseconds since 1970. Never throws. */
export function openEnvelope(text: string, keys: readonly string[], now: number): OpenedEnvelope {
  if (text.length > maxEnvelopeLength) return invalid
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length <= contentAt || bytes[0] !== version) return invalid
  const signature = bytes.subarray(1, contentAt)
  const content = bytes.subarray(contentAt)
  if (!keys.some((key) => timingSafeEqual(signature, signatureOf(content, key)))) return invalid
  const envelope = readEnvelope(content.toString())
  if (envelope === undefined) return invalid
  // Otherwise an envelope from the future could be kept and used until its time comes.
  if (envelope.issuedAt - now > maxClockSkewMs) return invalid
  // A writer's clock that is slightly ahead must not give the request additional time.
  const age = Math.max(0, now - envelope.issuedAt)
  const remainingMs = envelope.timeoutMs - age
  return remainingMs > 0 ? { is: 'valid', envelope, remainingMs } : { is: 'expired' }
}

const version = 1
const versionByte = Buffer.of(version)
const contentAt = 1 + 32
const invalid: OpenedEnvelope = Object.freeze({ is: 'invalid' })

function signatureOf(content: Buffer, key: string): Buffer {
  return createHmac('sha256', key).update(versionByte).update(content).digest()
}

/** The writer has the key but may run another version of Presage, so the content's shape is checked. */
function readEnvelope(text: string): Envelope | undefined {
  const value = readJson(text)
  if (!isMap(value)) return undefined
  const { id, context, roles, origin, issuedAt, timeoutMs, ruleSet, ruleSetHash, overrides } = value
  const { explain, bypassCache, synthetic, subject, address } = value
  if (typeof id !== 'string' || typeof origin !== 'string') return undefined
  if (!Number.isFinite(issuedAt) || !Number.isFinite(timeoutMs)) return undefined
  if (!isMap(context) || !Object.values(context).every(isContextValue)) return undefined
  if (!Array.isArray(roles)) return undefined
  if (ruleSet !== undefined && !Number.isSafeInteger(ruleSet)) return undefined
  if (ruleSetHash !== undefined && !isText(ruleSetHash)) return undefined
  if (subject !== undefined && subject !== null && !isText(subject)) return undefined
  if (address !== undefined && !isText(address)) return undefined
  if (overrides !== undefined && !(isMap(overrides) && Object.values(overrides).every(isText)))
    return undefined
  return {
    id,
    context: context as Context,
    roles: grantedRoles(roles),
    origin,
    issuedAt: issuedAt as number,
    timeoutMs: timeoutMs as number,
    ...(ruleSet !== undefined && { ruleSet: ruleSet as number }),
    ...(ruleSetHash !== undefined && { ruleSetHash: ruleSetHash as string }),
    ...(overrides !== undefined && { overrides: overrides as Readonly<Record<string, string>> }),
    ...(explain === true && { explain }),
    ...(bypassCache === true && { bypassCache }),
    ...(synthetic === true && { synthetic }),
    ...(subject !== undefined && { subject: subject as string | null }),
    ...(address !== undefined && { address: address as string }),
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isContextValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
