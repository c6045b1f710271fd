import { z } from 'zod'
import { loopbackNetworks, parseNetwork } from '../../gateway/identity/trustedProxies'
import { isUrl } from '../../lib/addresses/isUrl'
import { isLoopback } from '../../lib/addresses/loopback'
import { finishedIssue, type PlaceOf } from '../../lib/files/shapeProblems'
import { strictShape, text } from '../../lib/files/shapes'

/** Characters of random text; `openssl rand -base64 32` makes 44. */
const shortestKey = 16

/** Messages never show keys. Empty text counts as no key, so that a variable may be left unset. */
const envelopeKey = z.string({ error: 'must be text' }).superRefine((value, context) => {
  const short = envelopeKeys({ envelopeKey: value }).find((key) => key.length < shortestKey)
  if (short === undefined) return
  context.addIssue(
    finishedIssue([], `must hold keys of at least ${shortestKey} characters, got one of ${short.length}`),
  )
})

const network = text.refine((value) => parseNetwork(value) !== undefined, {
  error: 'must be an address such as 10.0.0.7, or a network such as 10.0.0.0/8',
})

/** Asymmetric algorithms only: a deployment that verifies tokens must not be able to sign them. */
const algorithm = z.enum(
  ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  { error: 'must be an algorithm with a public key, such as RS256 or ES256' },
)

const jwksLocation = text.refine(isSafeLocation, {
  error: 'must be a file, or a URL with https (http on this machine only)',
})

/** The section `trust`: which tokens, envelopes and proxies to trust. */
export const trustShape = strictShape({
  envelopeKey: envelopeKey
    .default('')
    .describe(
      'The key that signs what processes tell each other about a request. Of several, separated by spaces, the first signs and all are accepted.',
    ),
  trustedProxies: z
    .array(network, { error: 'must be a list of addresses and networks' })
    .default([...loopbackNetworks])
    .describe('The proxies whose headers may set context keys with from: edge.'),
  jwt: strictShape({
    jwks: jwksLocation.optional().describe('A file or URL of a JWK set.'),
    publicKey: text.optional().describe('A file with one public key as PEM.'),
    issuer: text,
    audience: z.union([text, z.array(text).min(1, 'must not be empty')]),
    algorithms: z.array(algorithm).min(1, 'must name an algorithm').default(['RS256', 'ES256']),
  })
    .superRefine(({ jwks, publicKey }, context) => {
      if ((jwks === undefined) !== (publicKey === undefined)) return
      const came = jwks === undefined ? 'neither' : 'both'
      context.addIssue(finishedIssue([], `must have jwks or publicKey, got ${came}`))
    })
    .optional()
    .describe("How to verify clients' tokens; without it, tokens are ignored."),
  roles: strictShape({ claim: text.default('roles').describe('A name, or a path with dots.') }).prefault({}),
}).prefault({})

type ParsedTrust = z.infer<typeof trustShape>

export type TrustConfig = Omit<ParsedTrust, 'jwt'> & {
  /** With the file and line that names the keys. */
  readonly jwt?: NonNullable<ParsedTrust['jwt']> & { readonly place?: string }
}

/** The keys for envelopes; the first one signs. */
export function envelopeKeys({ envelopeKey }: Pick<TrustConfig, 'envelopeKey'>): readonly string[] {
  return envelopeKey.split(/\s+/).filter((key) => key !== '')
}

export function resolveTrust(
  { jwt: written, ...trust }: ParsedTrust,
  absolute: (path: string) => string,
  place: PlaceOf,
): TrustConfig {
  if (written === undefined) return trust
  const { jwks, publicKey, ...jwt } = written
  return {
    ...trust,
    jwt: {
      ...jwt,
      place: place(`trust.jwt.${jwks === undefined ? 'publicKey' : 'jwks'}`),
      ...(jwks !== undefined && { jwks: isUrl(jwks) ? jwks : absolute(jwks) }),
      ...(publicKey !== undefined && { publicKey: absolute(publicKey) }),
    },
  }
}

function isSafeLocation(location: string): boolean {
  if (!isUrl(location)) return true
  if (!URL.canParse(location)) return false
  const { protocol, hostname } = new URL(location)
  return protocol === 'https:' || isLoopback(hostname)
}
