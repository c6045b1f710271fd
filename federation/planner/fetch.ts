import type { SelectionSetNode } from 'graphql'
import type { PathSegment, RequiresSelection } from '../queryPlan'
import type { Selection } from './selection'

/** The fields that are sent of entities: a key, and what fields require. */
export interface SentFields {
  /** Whether the selection can be sent together with what is sent already. */
  allows(selection: SelectionSetNode): boolean
  add(selection: SelectionSetNode): void
  write(): readonly RequiresSelection[]
}

/** A fetch that is being planned. */
export class Fetch {
  /** The fetches that must be answered before it is sent. */
  readonly needs = new Set<Fetch>()
  /** Names of the operation's variables that its arguments use. */
  readonly variables = new Set<string>()
  /** The fields to send of entities, by type condition. */
  readonly requires = new Map<string, SentFields>()

  constructor(
    readonly subgraph: string,
    /** The path of its entities; undefined for a fetch at the root. */
    readonly path: readonly PathSegment[] | undefined,
    readonly selection: Selection,
  ) {}

  /** Whether it can be sent only after the other. */
  isAfter(other: Fetch, seen = new Set<Fetch>()): boolean {
    for (const need of this.needs) {
      if (need === other) return true
      if (seen.has(need)) continue
      seen.add(need)
      if (need.isAfter(other, seen)) return true
    }
    return false
  }
}
