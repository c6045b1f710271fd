import type { GraphQLField, GraphQLInterfaceType, GraphQLObjectType } from 'graphql'
import type { Subgraph } from '../sdl/subgraph'
import type { Catalog } from './catalog'

/** One place where `@predict` stands, while it is being checked and compiled. */
export interface Site {
  readonly subgraph: Subgraph
  /** All subgraphs, its own included: who owns which field. */
  readonly subgraphs: readonly Subgraph[]
  readonly catalog: Catalog
  readonly type: GraphQLObjectType | GraphQLInterfaceType
  readonly field: GraphQLField<unknown, unknown>
  /** `Type.field`, as the supergraph has it. */
  readonly coordinate: string
  readonly args: PredictArguments
  /** Notes a problem; checking goes on, so that one load tells all problems. */
  refuse(problem: string): void
}

/** The arguments of `@predict`, as written. */
export interface PredictArguments {
  readonly objective?: string | null
  readonly model?: string | null
  readonly shard?: string | null
  readonly inputs?: readonly string[] | null
  readonly output?: string | null
}
