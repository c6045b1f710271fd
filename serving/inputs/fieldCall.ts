import type { GraphQLResolveInfo } from 'graphql'
import type { SubgraphContext } from './subgraphContext'

/** One call of a prediction field's resolver. */
export interface FieldCall {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: SubgraphContext
  readonly info: GraphQLResolveInfo
}
