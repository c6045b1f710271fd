import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JWTPayload, SignJWT } from 'jose'

export const issuer = 'https://id.example.com'
export const audience = 'presage'

/** A pair of keys, and files that hold the public one. */
export interface Signer {
  readonly publicKey: KeyObject
  readonly pemFile: string
  readonly jwksFile: string
  readonly jwks: { keys: object[] }
  /** A token that is right, with changes laid over its claims; `undefined` takes one away. */
  sign(claims?: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>
}

export function createSigner(kid = 'key-1'): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const folder = mkdtempSync(join(tmpdir(), 'presage-keys-'))
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] }
  const pemFile = join(folder, 'public.pem')
  const jwksFile = join(folder, 'jwks.json')
  writeFileSync(pemFile, publicKey.export({ format: 'pem', type: 'spki' }))
  writeFileSync(jwksFile, JSON.stringify(jwks))
  return {
    publicKey,
    pemFile,
    jwksFile,
    jwks,
    sign: (claims = {}, header = {}) => {
      const exp = Math.floor(Date.now() / 1000) + 60
      return new SignJWT({ iss: issuer, aud: audience, exp, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, ...header })
        .sign(privateKey)
    },
  }
}
