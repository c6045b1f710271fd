import type {
  IntrospectionField,
  IntrospectionInputValue,
  IntrospectionType,
  IntrospectionTypeRef,
} from 'graphql'

const type = 'type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }'

export const introspection = `query Types { __schema { queryType { name } types { kind name
  fields { name args { name defaultValue ${type} } ${type} }
  inputFields { name defaultValue ${type} } enumValues { name } } } }`

/** The name of a type without its lists and non-nulls. */
export function nameOf(ref: IntrospectionTypeRef): string {
  return isWrapped(ref) ? nameOf(ref.ofType) : ref.name
}

/** Whether it is a list or a non-null of another type, and not nested deeper than the query asks. */
export function isWrapped(
  ref: IntrospectionTypeRef,
): ref is Extract<IntrospectionTypeRef, { readonly kind: 'LIST' | 'NON_NULL' }> {
  return 'ofType' in ref && ref.ofType != null
}

export function isRequired({ type: ref, defaultValue }: IntrospectionInputValue): boolean {
  return ref.kind === 'NON_NULL' && defaultValue === null
}

/** The fields of an object. */
export function fieldsOf(type: IntrospectionType | undefined): readonly IntrospectionField[] {
  return type?.kind === 'OBJECT' ? type.fields : []
}
