import { isUrl } from '../../lib/addresses/isUrl'
import { counted, LoadError } from '../../lib/errors'
import { pathInFile, placeInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import type { Config } from '../config/config'
import { loadTrustedDocuments } from '../config/documentsConfig'
import { patienceMs } from './patience'

type TokenSettings = NonNullable<Config['trust']['jwt']>

/** Checks that the keys for verifying tokens can be read or fetched, and that a file has a key with which a token can be valid. */
export async function checkKeys({ file }: Config, settings: TokenSettings): Promise<string> {
  const { requireFittingKeys }: typeof import('../../gateway/identity/tokenVerifier') =
    require('../../gateway/identity/tokenVerifier')
  const { fetchKeys, shownUrl }: typeof import('../../gateway/identity/keysAtUrl') =
    require('../../gateway/identity/keysAtUrl')
  const { jwks, publicKey } = settings
  const path = `trust.jwt.${jwks === undefined ? 'publicKey' : 'jwks'}`
  if (jwks === undefined || !isUrl(jwks)) {
    await requireFittingKeys({ ...settings, place: placeInFile(file, path) })
    return `${shortPath(jwks ?? publicKey!)} holds keys for tokens`
  }
  try {
    const { keys } = await fetchKeys(jwks, patienceMs)
    return `${shownUrl(jwks)} answers with ${counted(keys.length, 'key')}`
  } catch (error) {
    throw new LoadError([`${pathInFile(file, path)}: ${(error as Error).message}`])
  }
}

export function checkDocuments({ file }: Config, settings: NonNullable<Config['trustedDocuments']>): string {
  const { byId } = loadTrustedDocuments(settings, file)
  return `${shortPath(settings.file)} holds ${counted(byId.size, 'document')}`
}
