import type { Objective } from '../contracts/objective'
import type { FoundVersion, RefusedVersion } from '../repository/readVersion'

/** A task for the thread that reads repositories. */
export type ReadTask =
  /** Reads a version's directory, except vocabularies in `held`; others come as `VocabularyPart`s. */
  | { readonly kind: 'version'; readonly directory: string; readonly held: ReadonlySet<string> }
  | { readonly kind: 'objective'; readonly path: string }

/** A version without its vocabularies. */
export type SentVersion = RefusedVersion | Omit<FoundVersion, 'vocabularies'>

export type ReadReply = SentVersion | Objective

/** The next entries of the vocabulary file with this SHA-256. */
export interface VocabularyPart {
  readonly sha256: string
  readonly entries: readonly (string | number)[]
}
