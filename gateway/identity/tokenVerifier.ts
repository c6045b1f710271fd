import { createPublicKey, type KeyObject } from 'node:crypto'
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { isUrl } from '../../lib/addresses/isUrl'
import { LoadError, PresageError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { invariant } from '../../lib/invariant'
import { LruCache } from '../../lib/lruCache'
import { shortPath } from '../../lib/packagePaths'
import { createKeysAtUrl, type KeysAtUrl } from './keysAtUrl'

export interface TokenSettings {
  /** Where the keys are: a JWK set as a file or at a URL, or else one public key as a PEM file. */
  readonly jwks?: string
  readonly publicKey?: string
  readonly issuer: string
  readonly audience: string | readonly string[]
  readonly algorithms: readonly string[]
  /** The file and line of the setting that names the keys, for messages. */
  readonly place?: string
}

/** The claims of a token whose signature, issuer, audience and times are valid. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Verifies a bearer token. Throws UNAUTHENTICATED for an invalid token, and UPSTREAM_FAILED if the keys cannot be
 * fetched.
 */
export type VerifyToken = (token: string) => Claims | Promise<Claims>

/** Throws a LoadError unless a key of the file fits one of the algorithms. Keys at a URL are not looked at. */
export async function requireFittingKeys(settings: TokenSettings): Promise<void> {
  const { jwks, publicKey, algorithms, place } = settings
  if ((jwks !== undefined && isUrl(jwks)) || (await hasFittingKey(settings))) return
  const setting = `${place === undefined ? '' : `${place}: `}trust.jwt.${jwks === undefined ? 'publicKey' : 'jwks'}`
  throw new LoadError([
    `${setting}: ${shortPath(jwks ?? publicKey!)}: must hold a key for ${algorithms.join(' or ')}, got none that fits`,
  ])
}

/** A key fits if it refuses a token with a false signature for that signature, and not for what the key is. */
async function hasFittingKey(settings: TokenSettings): Promise<boolean> {
  const key = keyOf(settings)
  // A set of its own for each, since a token without the name of a key may not have two to choose from.
  const keys =
    settings.jwks === undefined
      ? [key]
      : (JSON.parse(readKeySet(settings.jwks)) as JSONWebKeySet).keys.map((one) =>
          createLocalJWKSet({ keys: [one] }),
        )
  const fits = await Promise.all(keys.map((one) => fitsOne(one, settings.algorithms)))
  return fits.includes(true)
}

async function fitsOne(key: KeyObject | JWTVerifyGetKey, algorithms: readonly string[]): Promise<boolean> {
  for (const alg of algorithms) {
    const [header, payload] = [{ alg }, {}].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const token = `${header}.${payload}.AAAA`
    const refused = await verifyWith(token, key, {}).catch((error: unknown) => error)
    if (refused instanceof errors.JWSSignatureVerificationFailed) return true
  }
  return false
}

/**
 * Throws a LoadError for files without valid keys. Keys at a URL are fetched when the first token needs them; `report` is
 * told why they cannot be had.
 */
export function createTokenVerifier(
  settings: TokenSettings,
  now: () => number = Date.now,
  report: (problem: string) => void = () => {},
): VerifyToken {
  const options = {
    issuer: settings.issuer,
    audience: settings.audience as string | string[],
    algorithms: [...settings.algorithms],
    clockTolerance: toleranceSeconds,
    requiredClaims: ['exp'],
  }
  const remote =
    settings.jwks !== undefined && isUrl(settings.jwks) ? keysAt(settings.jwks, report) : undefined
  const isRemote = remote !== undefined
  const key = remote === undefined ? keyOf(settings) : undefined
  /** Of tokens whose signature is valid; they may have expired since. */
  const known = new LruCache<Known>(1000, maxCachedCharacters)
  const verify = async (token: string) => {
    const dated = { ...options, currentDate: new Date(now()) }
    if (remote === undefined) return verifyWith(token, key!, dated)
    const keys = await remote.get()
    try {
      return await verifyWith(token, keys, dated)
    } catch (error) {
      const isFalse = error instanceof errors.JWSSignatureVerificationFailed
      if (!isFalse && !(error instanceof errors.JWKSNoMatchingKey)) throw error
      known.delete(token)
      // It may be the first one of a new key. Where newer keys cannot be had, a false signature is one all the same.
      const newer = await (isFalse ? remote.newer(keys).catch(() => undefined) : remote.newer(keys))
      if (newer === undefined) throw error
      return verifyWith(token, newer, dated)
    }
  }
  const refused = new LruCache<Refused>(1000, maxCachedCharacters)
  const keep = (token: string, claims: JWTPayload) => {
    const until = isRemote ? performance.now() + knownMs : Number.POSITIVE_INFINITY
    known.set(token, { claims, until }, token.length)
    return claims
  }

  return (token) => {
    const kept = known.get(token)
    if (kept !== undefined && kept.claims.exp! + toleranceSeconds <= now() / 1000) throw expired
    // While nobody can say whether its key still counts, a token that was right is right, and does not wait for that.
    if (kept !== undefined && (performance.now() < kept.until || remote?.areAway())) return kept.claims
    const before = refused.get(token)
    if (before !== undefined && performance.now() < before.until) throw before.error
    return verify(token).then(
      ({ payload }) => keep(token, payload),
      (thrown: unknown) => {
        const right = known.get(token)
        if (right !== undefined && isRemote && isOfKeys(thrown)) return right.claims
        const error = refusal(thrown, isRemote)
        known.delete(token)
        if (thrown instanceof errors.JWTExpired) keep(token, thrown.payload)
        else if (isLasting(thrown, error))
          refused.set(token, { error, until: performance.now() + refusedMs }, token.length)
        throw error
      },
    )
  }
}

/** Where a token does not say which key has signed it, and the set has several that may have, each is tried. */
async function verifyWith(token: string, key: KeyObject | JWTVerifyGetKey, options: JWTVerifyOptions) {
  // The library has one overload per kind of key.
  if (typeof key !== 'function') return jwtVerify(token, key, options)
  try {
    return await jwtVerify(token, key, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const one of error) {
      try {
        return await jwtVerify(token, one, options)
      } catch (thrown) {
        // What is no error of the token is one of the key, such as one that is too short, and the next may fit.
        const isOfToken = thrown instanceof errors.JOSEError
        if (isOfToken && !(thrown instanceof errors.JWSSignatureVerificationFailed)) throw thrown
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

interface Known {
  readonly claims: JWTPayload
  /** When its signature is verified again, by the clock that never jumps. */
  readonly until: number
}

/** Keys at a URL may be taken back. Verifying a signature takes about 0.1 ms. */
const knownMs = 60_000

/** The refusal of a token that is sent again and again, as by a client that repeats what has failed. */
interface Refused {
  readonly error: PresageError
  /** By the clock that never jumps. */
  readonly until: number
}

/** Not longer, since the keys at a URL may be others then. */
const refusedMs = 10_000

/** Whether a token would be refused again. The claims `nbf` and `iat` depend on the time. */
function isLasting(thrown: unknown, { code }: PresageError): boolean {
  if (code !== 'UNAUTHENTICATED') return false
  return !(thrown instanceof errors.JWTClaimValidationFailed && ['nbf', 'iat'].includes(thrown.claim))
}

/** How far apart the clocks may be. */
const toleranceSeconds = 5
const maxCachedCharacters = 4_000_000

function keyOf({ jwks, publicKey, place }: TokenSettings): KeyObject | JWTVerifyGetKey {
  const at = place === undefined ? '' : `${place}: `
  if (jwks === undefined) {
    invariant(publicKey !== undefined, 'there are keys in one way or the other')
    const setting = `${at}trust.jwt.publicKey: `
    const pem = readTextFile(publicKey, setting)
    try {
      // The library would take its public half, but who verifies must not be able to sign.
      if (pem.includes('PRIVATE KEY-----')) throw new Error('a private key')
      // The library would take the first one and no other.
      const { length: count = 0 } = pem.match(/-----BEGIN [A-Z ]*PUBLIC KEY-----/g) ?? []
      if (count > 1) throw new Error(`${count} of them; trust.jwt.jwks takes several`)
      return createPublicKey(pem)
    } catch (error) {
      throw mistake(setting, publicKey, 'one public key as PEM', error)
    }
  }
  const setting = `${at}trust.jwt.jwks: `
  const text = readKeySet(jwks, setting)
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
  } catch (error) {
    throw mistake(setting, jwks, 'a JWK set', error)
  }
}

/** Without a byte order mark, which some editors write. */
function readKeySet(file: string, setting?: string): string {
  return readTextFile(file, setting).replace(/^\ufeff/, '')
}

function keysAt(url: string, report: (problem: string) => void): KeysAtUrl<JWTVerifyGetKey> {
  return createKeysAtUrl(url, (set) => createLocalJWKSet(set as JSONWebKeySet), report)
}

/** Whether the keys could not be fetched or read, which is not the token's fault. */
function isOfKeys(error: unknown): boolean {
  return !(error instanceof errors.JOSEError) || error instanceof errors.JWKSInvalid
}

function mistake(setting: string, file: string, expected: string, error: unknown): LoadError {
  return new LoadError([
    `${setting}${shortPath(file)}: must be ${expected}, got: ${(error as Error).message}`,
  ])
}

const unauthenticated = (what: string) => new PresageError('UNAUTHENTICATED', `authorization: ${what}`)
const expired = unauthenticated('the token has expired')

/** The error for the client: which check failed, but never what was expected. */
function refusal(error: unknown, isRemote: boolean): PresageError {
  if (error instanceof errors.JWTExpired) return expired
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`the token's claim ${error.claim} does not have the required value`)
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return unauthenticated("the token's algorithm is not allowed")
  if (isRemote && isOfKeys(error)) {
    const failed = new PresageError(
      'UPSTREAM_FAILED',
      'authorization: the keys for verifying tokens are not available',
    )
    failed.cause = error
    return failed
  }
  return unauthenticated('must be a valid token')
}
