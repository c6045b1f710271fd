/** The logical types of inputs, features and outputs, as written after `type:` in the YAML files. */
export type ValueType =
  | { readonly kind: 'Int' | 'Float' | 'Boolean' | 'String' | 'ID' }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  /** A stub `{ id }` of an entity type of the graph. */
  | { readonly kind: 'entity'; readonly of: string }
  /** Items are never null. */
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, ValueType>> }

/** What `typeof` says of the values of each scalar. */
export const plainTypes: Readonly<Partial<Record<ValueType['kind'], 'string' | 'number' | 'boolean'>>> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  String: 'string',
  ID: 'string',
}
