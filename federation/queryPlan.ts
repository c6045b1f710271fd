import { parse } from 'graphql'
import { memoizedWeakly } from '../lib/memoized'

/** The fetch's operation, parsed once and shared. Throws if it does not parse. */
export const documentOf = memoizedWeakly(({ operation }: FetchNode | BatchFetchNode) =>
  parse(operation, { noLocation: true }),
)

/** What is fetched, and in which order, in a form close to the query plans of other federation planners. */
export type PlanNode = FetchNode | BatchFetchNode | FlattenNode | SequenceNode | ParallelNode

/** An operation of one subgraph. */
export interface FetchNode {
  readonly kind: 'Fetch'
  readonly serviceName: string
  readonly operationKind: 'query' | 'mutation'
  readonly operation: string
  /** Names of the planned operation's variables that it uses. */
  readonly variableUsages: readonly string[]
  /** What is sent of each entity, if it fetches entities. */
  readonly requires?: readonly RequiresSelection[]
}

/** Fetches the entities at one path. */
export interface FlattenNode {
  readonly kind: 'Flatten'
  readonly path: readonly PathSegment[]
  readonly node: FetchNode
}

/** Several lists of entities in one operation, each under an alias of `_entities`. */
export interface BatchFetchNode {
  readonly kind: 'BatchFetch'
  readonly serviceName: string
  readonly operation: string
  readonly variableUsages: readonly string[]
  readonly entityBatch: { readonly aliases: readonly EntityList[] }
}

export interface EntityList {
  readonly alias: string
  readonly representationsVariableName: string
  readonly paths: readonly (readonly PathSegment[])[]
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
