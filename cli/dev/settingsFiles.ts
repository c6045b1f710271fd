import { isUrl } from '../../lib/addresses/isUrl'
import type { Config } from '../config/config'

/** The configuration file, and the files with documents, keys and certificates that it names. */
export function settingsFiles({ file, trustedDocuments, trust, shards }: Config): readonly string[] {
  const { jwks, publicKey } = trust.jwt ?? {}
  const certificates = Object.values(shards).flatMap(({ tls }) => [tls?.ca, tls?.cert, tls?.key])
  return [file, trustedDocuments?.file, jwks, publicKey, ...certificates].filter(
    (one) => one !== undefined && !isUrl(one),
  ) as string[]
}
