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
  const { fetchKeys, shownUrl }: typeof import('../../gateway/identity/keysAtUrl') =
    require('../../gateway/identity/keysAtUrl')
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
  try {
    const { keys } = await fetchKeys(jwks, patienceMs)
    return `${shownUrl(jwks)} answers with ${keys.length} keys`
  } catch (error) {
    throw new LoadError([`${placeInFile(file, path)}: ${path}: ${(error as Error).message}`])
  }
}

export function checkDocuments({ file }: Config, settings: NonNullable<Config['trustedDocuments']>): string {
  const { byId } = loadTrustedDocuments(settings, file)
  return `${shortPath(settings.file)} holds ${byId.size} documents`
}
