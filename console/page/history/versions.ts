export interface ListedVersion {
  readonly number: number
  readonly author: string
  readonly time: string
  readonly message: string
  readonly active: boolean
}

/** A change of the active version that somebody asked for. */
export interface RuleChangeAsked {
  readonly kind: 'activate' | 'rollback'
  readonly to: number
  /** The active version that was seen; the graph does nothing if another one is active. */
  readonly from: number
}

/** What came of a change. */
export interface RuleChange {
  readonly done: boolean
  readonly says: string
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}
