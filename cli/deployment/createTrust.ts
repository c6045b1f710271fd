import type { Trust } from '../../gateway/identity/requestReader'
import type { TokenSettings, VerifyToken } from '../../gateway/identity/tokenVerifier'
import { compileProxies } from '../../gateway/identity/trustedProxies'
import { isLoopback } from '../../lib/addresses/loopback'
import { grantedRoles } from '../../lib/request/roles'
import type { Config } from '../config/config'
import { envelopeKeys } from '../config/trustConfig'

/**
 * Whom to trust at an HTTP server that listens on `host`. Throws a LoadError if the keys for tokens cannot be read; `log`
 * is told while those at a URL cannot be had.
 */
export function createTrust({ trust }: Config, host: string, log?: (line: string) => void): Trust {
  return {
    envelopeKeys: envelopeKeys(trust),
    isTrustedProxy: compileProxies(trust.trustedProxies),
    verifyToken: trust.jwt && tokenVerifier(trust.jwt, log),
    rolesClaim: trust.roles.claim,
    rolesOfAnybody: isOpen(trust, host) ? grantedRoles(['researcher']) : [],
  }
}

/** Loaded lazily: the library is large, and many deployments have no tokens. */
function tokenVerifier(settings: TokenSettings, log?: (line: string) => void): VerifyToken {
  const {
    createTokenVerifier,
  }: typeof import('../../gateway/identity/tokenVerifier') = require('../../gateway/identity/tokenVerifier')
  return createTokenVerifier(settings, Date.now, log)
}

/** Throws a LoadError if the file with the keys for tokens has none with which a token can be valid. */
export async function requireKeys({ trust: { jwt } }: Config): Promise<void> {
  if (jwt === undefined) return
  const {
    requireFittingKeys,
  }: typeof import('../../gateway/identity/tokenVerifier') = require('../../gateway/identity/tokenVerifier')
  await requireFittingKeys(jwt)
}

/** Whether every caller counts as the person who started the process: on loopback, if no tokens are configured. */
export function isOpen({ jwt }: Config['trust'], host: string): boolean {
  return jwt === undefined && isLoopback(host)
}
