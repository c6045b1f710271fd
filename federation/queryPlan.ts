import { parse } from 'graphql'
import { memoizedWeakly } from '../lib/memoized'

/** The fetch's operation, parsed once and shared. Throws if it does not parse. */
export const documentOf = memoizedWeakly(({ operation }: Fetch) => parse(operation, { noLocation: true }))

/** What is fetched, and in which order, in a form close to the query plans of other federation planners. */
export type PlanNode = FetchNode | EntitiesNode | SequenceNode | ParallelNode

/** An operation of one subgraph. */
export interface Fetch {
  readonly serviceName: string
  readonly operation: string
  /** Names of the planned operation's variables that it uses. */
  readonly variableUsages: readonly string[]
}

/** Fetches fields of the root. */
export interface FetchNode extends Fetch {
  readonly kind: 'Fetch'
  readonly operationKind: 'query' | 'mutation'
}

/** Fetches entities. */
export interface EntitiesNode extends Fetch {
  readonly kind: 'Entities'
  readonly lists: readonly EntityList[]
}

/** Entities with the same selection, fetched by one field of the operation. */
export interface EntityList {
  /** The field's response key: `_entities`, or its alias where there are several. */
  readonly key: string
  /** The operation's variable for the representations. */
  readonly variable: string
  readonly paths: readonly (readonly PathSegment[])[]
  /** What is sent of each entity. */
  readonly requires: readonly RequiresSelection[]
}

export interface SequenceNode {
  readonly kind: 'Sequence'
  readonly nodes: readonly PlanNode[]
}

export interface ParallelNode {
  readonly kind: 'Parallel'
  readonly nodes: readonly PlanNode[]
}

/** Lists are entered at any depth. */
export type PathSegment = { readonly Field: string } | { readonly TypeCondition: readonly string[] }

export type RequiresSelection = RequiredField | RequiredFragment

export interface RequiredField {
  readonly kind: 'Field'
  /** The key in the merged data. */
  readonly name: string
  /** The name under which it is sent, if different. */
  readonly alias?: string
  readonly selections?: readonly RequiresSelection[]
}

export interface RequiredFragment {
  readonly kind: 'InlineFragment'
  readonly typeCondition: string
  readonly selections: readonly RequiresSelection[]
}
