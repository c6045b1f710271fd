import type { Trust } from '../../gateway/identity/requestReader'
import type { TokenSettings, VerifyToken } from '../../gateway/identity/tokenVerifier'
import { compileProxies } from '../../gateway/identity/trustedProxies'
import { isLoopback } from '../../lib/files/loopback'
import { grantedRoles } from '../../lib/request/roles'
import type { Config } from '../config/config'
import { envelopeKeys } from '../config/trustConfig'

/** Whose word counts at a door that listens on `host`. Throws a LoadError where the keys for tokens cannot be read. */
export function createTrust({ trust }: Config, host: string): Trust {
  return {
    envelopeKeys: envelopeKeys(trust),
    isTrustedProxy: compileProxies(trust.trustedProxies),
    verifyToken: trust.jwt && tokenVerifier(trust.jwt),
    rolesClaim: trust.roles.claim,
    rolesOfAnybody: isOpen(trust, host) ? grantedRoles(['researcher']) : [],
  }
}

/** Its library has eighty files, which are not worth reading where nobody has a token. */
function tokenVerifier(settings: TokenSettings): VerifyToken {
  const {
    createTokenVerifier,
  }: typeof import('../../gateway/identity/tokenVerifier') = require('../../gateway/identity/tokenVerifier')
  return createTokenVerifier(settings)
}

/** Whether whoever reaches the door is taken for the person who started it: on loopback, and nobody has a token. */
export function isOpen({ jwt }: Config['trust'], host: string): boolean {
  return jwt === undefined && isLoopback(host)
}
