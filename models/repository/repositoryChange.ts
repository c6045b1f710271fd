import type { Objective } from '../contracts/objective'
import type { RepositoryVersion } from './readVersion'

/** A change found in the folders. */
export type RepositoryChange =
  | { readonly is: 'objective'; readonly objective: Objective }
  /** A new version, or a replacement for one that was never published. */
  | { readonly is: 'version'; readonly version: RepositoryVersion }
  /** The file of an objective has changed or is gone. The objective stays as it was read. */
  | { readonly is: 'contract'; readonly objective: string; readonly lines: readonly string[] }
  /** The file of an objective holds the loaded contract again. */
  | { readonly is: 'contract restored'; readonly file: string }
  /** The files of a published version differ or, unless `isWhole`, are incomplete. It stays as it was read. */
  | { readonly is: 'changed'; readonly key: string; readonly problem: string; readonly isWhole: boolean }
  /** The files of a published version are as before again. */
  | { readonly is: 'restored'; readonly key: string }
  | { readonly is: 'removed'; readonly key: string }
  /** What was left out, in one line. */
  | { readonly is: 'problem'; readonly line: string }

/** Receives the changes, in order. */
export type Found = (change: RepositoryChange) => void
