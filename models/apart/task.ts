import type { Objective } from '../contracts/objective'
import type { FoundVersion, RefusedVersion } from '../repository/readVersion'

/** What the thread that reads repositories is asked for. */
export type ReadTask =
  /** A version's directory; vocabularies with these digests need not be read, and those that are come as `VocabularyPart`s. */
  | { readonly kind: 'version'; readonly directory: string; readonly held: ReadonlySet<string> }
  | { readonly kind: 'objective'; readonly path: string }

/** A version without its vocabularies. */
export type SentVersion = RefusedVersion | Omit<FoundVersion, 'vocabularies'>

export type ReadReply = SentVersion | Objective

/** Some entries of the vocabulary file with this SHA-256, after those that came before. */
export interface VocabularyPart {
  readonly sha256: string
  readonly entries: readonly (string | number)[]
}
