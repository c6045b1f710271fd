/** How one rule was tried for a request: whether it matched, and its clauses. */
export interface Trial {
  readonly matched: boolean
  readonly clauses: readonly {
    readonly clause: string
    readonly held: boolean
    readonly wanted: unknown
    readonly got: unknown
  }[]
}
