import type { Objective } from '../contracts/objective'
import type { RepositoryVersion } from './readVersion'

/** What a look at the folders has found. */
export type RepositoryChange =
  /** New. */
  | { readonly is: 'objective'; readonly objective: Objective }
  /** New, or in the place of one that was never published. */
  | { readonly is: 'version'; readonly version: RepositoryVersion }
  /** A published version whose files are other ones now, or whole no longer; what was read stands. */
  | { readonly is: 'changed'; readonly key: string; readonly problem: string }
  /** A published version whose files are again as they were. */
  | { readonly is: 'restored'; readonly key: string }
  | { readonly is: 'removed'; readonly key: string }
  /** What was left out, in one line. */
  | { readonly is: 'problem'; readonly line: string }

/** Takes what is found, in order. */
export type Found = (change: RepositoryChange) => void
