import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql'

/** One call of a field that is resolved by columns, for all objects at one place of an operation. */
export interface ColumnCall {
  /** The objects, as a resolver gets them. */
  readonly parents: readonly unknown[]
  /** The same for all objects. */
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
  /** The `info` for the nth object; made on demand. */
  info(row: number): GraphQLResolveInfo
}

/** By object, the value that a resolver would return, or the error that it would throw. */
export interface ColumnAnswer {
  readonly values: readonly unknown[]
  /** Undefined if there are no errors. */
  readonly errors: readonly (Error | undefined)[] | undefined
}

/** A second way to resolve a field, for an executor that has many objects at once. It never rejects. */
export interface ColumnField {
  answer(call: ColumnCall): Promise<ColumnAnswer>
  /** The fields of the parent that are read; arguments and context are not included. */
  readonly parentFields: readonly string[]
  /** Whether the parent may be a representation as the gateway sends it. */
  readonly takesReferences: boolean
}

const columnField = Symbol('columns')

type Resolver = GraphQLFieldResolver<never, never, never>

/** Declares that `field` returns by columns what `resolve` returns row by row. A wrapped resolver loses this. */
export function withColumns<R extends Resolver>(resolve: R, field: ColumnField): R {
  return Object.assign(resolve, { [columnField]: field })
}

/** The column field of a field's resolver, if it has one. */
export function columnsOf(resolve: Resolver | undefined): ColumnField | undefined {
  return (resolve as { [columnField]?: ColumnField } | undefined)?.[columnField]
}
