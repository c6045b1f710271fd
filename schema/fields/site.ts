import type { GraphQLField, GraphQLInterfaceType, GraphQLObjectType } from 'graphql'
import type { Subgraph } from '../sdl/subgraph'
import type { Catalog } from './catalog'

/** One use of `@predict`, while it is being checked and compiled. */
export interface Site {
  readonly subgraph: Subgraph
  /** All subgraphs, including this one, for finding the owners of fields. */
  readonly subgraphs: readonly Subgraph[]
  readonly catalog: Catalog
  readonly type: GraphQLObjectType | GraphQLInterfaceType
  readonly field: GraphQLField<unknown, unknown>
  /** `Type.field` in the supergraph. */
  readonly coordinate: string
  readonly args: PredictArguments
  /** Reports a problem. Checking continues, so that one load reports all problems. */
  refuse(problem: string): undefined
}

/** The arguments of `@predict`, as written. */
export interface PredictArguments {
  readonly objective?: string | null
  readonly model?: string | null
  readonly shard?: string | null
  readonly inputs?: readonly string[] | null
  readonly output?: string | null
}
