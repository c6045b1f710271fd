import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql'

/** What a field that is answered by columns is asked: once for all objects that stand at one place of an operation. */
export interface ColumnCall {
  /** The objects, as a resolver gets them. */
  readonly parents: readonly unknown[]
  /** The same for all of them. */
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
  /** What a resolver of the nth object would get; made when asked for. */
  info(row: number): GraphQLResolveInfo
}

/** By object: a value as a resolver would give it, or the error that it would throw. */
export interface ColumnAnswer {
  readonly values: readonly unknown[]
  /** Undefined as a whole: none. */
  readonly errors: readonly (Error | undefined)[] | undefined
}

/** A second way to a field's values, for an executor that has many objects in hand. It never rejects. */
export interface ColumnField {
  answer(call: ColumnCall): Promise<ColumnAnswer>
  /** Fields of the parent that are read, whichever way it came to be; arguments and context are not among them. */
  readonly parentFields: readonly string[]
  /** Whether an entity is taken as the gateway sends it, so that a reference is itself the parent. */
  readonly takesReferences: boolean
}

const columnField = Symbol('columns')

type Resolver = GraphQLFieldResolver<never, never, never>

/** Declares that what `resolve` gives row by row `field` gives by columns. Whoever wraps the resolver loses the columns. */
export function withColumns<R extends Resolver>(resolve: R, field: ColumnField): R {
  return Object.assign(resolve, { [columnField]: field })
}

/** The columns of a field's resolver, where it has any. */
export function columnsOf(resolve: Resolver | undefined): ColumnField | undefined {
  return (resolve as { [columnField]?: ColumnField } | undefined)?.[columnField]
}
