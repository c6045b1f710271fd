import { type DocumentNode, type TypeNode, visit } from 'graphql'

/** The types of the fields that federation adds to the query type of every subgraph. */
const types: Readonly<Record<string, string>> = { _entities: '_Entity', _service: '_Service' }

/** Some servers list these fields in their SDL; @apollo/subgraph adds them, and cannot take a second one. */
export function withoutServiceFields(document: DocumentNode): DocumentNode {
  return visit(document, {
    FieldDefinition: ({ name, type }) => {
      return Object.hasOwn(types, name.value) && types[name.value] === nameOf(type) ? null : undefined
    },
  })
}

function nameOf(type: TypeNode): string {
  return 'type' in type ? nameOf(type.type) : type.name.value
}
