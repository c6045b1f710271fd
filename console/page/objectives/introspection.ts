/** The types of a graph, as far as a query is made from them. */
export interface GraphTypes {
  readonly queryType: { readonly name: string }
  readonly types: readonly GraphType[]
}

export interface GraphType {
  readonly kind: string
  readonly name: string
  readonly fields: readonly GraphField[] | null
  readonly inputFields: readonly GraphValue[] | null
  readonly enumValues: readonly { readonly name: string }[] | null
}

export interface GraphField {
  readonly name: string
  readonly args: readonly GraphValue[]
  readonly type: TypeRef
}

/** An argument, or a field of an input. */
export interface GraphValue {
  readonly name: string
  readonly type: TypeRef
  readonly defaultValue: string | null
}

/** A type with its lists and non-nulls around it. */
export interface TypeRef {
  readonly kind: string
  readonly name: string | null
  readonly ofType?: TypeRef | null
}

const type = 'type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }'

export const introspection = `query Types { __schema { queryType { name } types { kind name
  fields { name args { name defaultValue ${type} } ${type} }
  inputFields { name defaultValue ${type} } enumValues { name } } } }`

/** The name of a type without its lists and non-nulls. */
export function nameOf(ref: TypeRef): string {
  return ref.ofType ? nameOf(ref.ofType) : (ref.name ?? '')
}

export function isRequired({ type: ref, defaultValue }: GraphValue): boolean {
  return ref.kind === 'NON_NULL' && defaultValue === null
}
