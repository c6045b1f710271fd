import { isUrl } from '../../lib/addresses/isUrl'
import { LoadError } from '../../lib/errors'
import { placeInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import type { Config } from '../config/config'
import { loadTrustedDocuments } from '../config/documentsConfig'

type TokenSettings = NonNullable<Config['trust']['jwt']>

const patienceMs = 3_000

/** Checks that the keys for verifying tokens can be read or fetched, and that a file has a key with which a token can be valid. */
export async function checkKeys({ file }: Config, settings: TokenSettings): Promise<string> {
  const { countFittingKeys }: typeof import('../../gateway/identity/tokenVerifier') =
    require('../../gateway/identity/tokenVerifier')
  const { jwks, publicKey, algorithms } = settings
  if (jwks === undefined || !isUrl(jwks)) {
    const name = shortPath(jwks ?? publicKey!)
    if ((await countFittingKeys(settings)) > 0) return `${name} holds keys for tokens`
    const path = `trust.jwt.${jwks === undefined ? 'publicKey' : 'jwks'}`
    throw new LoadError([
      `${placeInFile(file, path)}: ${path}: ${name}: must hold a key for ${algorithms.join(' or ')}, got none that fits`,
    ])
  }
  const path = 'trust.jwt.jwks'
  const came = await fetchKeys(jwks)
  if (typeof came === 'number') return `${jwks} answers with ${came} keys`
  throw new LoadError([
    `${placeInFile(file, path)}: ${path}: must be answered with a JWK set, got ${came}: ${jwks}`,
  ])
}

/** The number of keys, or a description of what came instead. */
async function fetchKeys(url: string): Promise<number | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    if (!response.ok) return `status ${response.status}`
    const { keys } = (await response.json()) as { readonly keys?: unknown }
    return Array.isArray(keys) ? keys.length : 'no list of keys'
  } catch (error) {
    const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    return code ?? message
  }
}

export function checkDocuments({ file }: Config, settings: NonNullable<Config['trustedDocuments']>): string {
  const { byId } = loadTrustedDocuments(settings, file)
  return `${shortPath(settings.file)} holds ${byId.size} documents`
}
