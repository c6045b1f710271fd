import type { PeerCertificate } from 'node:tls'

/** An error of a TLS connection, as Node gives it. */
interface HandshakeError extends NodeJS.ErrnoException {
  readonly cert?: PeerCertificate
}

/**
 * What was wrong when a TLS connection was refused, as a sentence in which `it` is the other side; undefined if the
 * error does not tell. `name` is what the other side's certificate must be for, `authorities` the setting that tells
 * whose it may be; `haveExpired` says that none of those is valid.
 */
export function handshakeProblem(
  { code = '', message, cert }: HandshakeError,
  {
    name = '',
    authorities,
    haveExpired = false,
  }: { readonly name?: string; readonly authorities: string; readonly haveExpired?: boolean },
): string | undefined {
  if (code === 'CERT_HAS_EXPIRED')
    return haveExpired
      ? `its certificate is of an authority in ${authorities} that has expired`
      : 'its certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate must be for ${name}, got one for ${cert?.subjectaltname ?? 'no name'}`
  if (unknownIssuer.has(code))
    return `its certificate must be of an authority in ${authorities}, got another (${code})`
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return 'it has no certificate'
  if (
    code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' ||
    code === 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'
  )
    return wantsCertificate
  if (/_ALERT_/.test(code))
    return `it refused the connection: ${/alert [a-z ]+/.exec(message)?.[0] ?? message}`
  if (plainText.test(message)) return 'it does not speak TLS'
  // Whatever else OpenSSL and the checks of certificates say.
  return /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|INVALID_|UNABLE_TO_)/.test(code) ? message.trim() : undefined
}

export const wantsCertificate = 'it wants a certificate that it accepts'

const unknownIssuer: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
])

const plainText = /wrong version number|packet length too long|http request|unsupported protocol/i
