import { isTypeDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql'
import { documentOf } from './parseSdl'
import type { SubgraphSource } from './subgraphSources'

/** The end of a message about an unknown type: how another subgraph declares it. Undefined if none does. */
export function typeElsewhere(message: string, others: readonly SubgraphSource[]): string | undefined {
  const name = /^(?:\[.*?\] )?Unknown type "?(\w+)/.exec(message)?.[1]
  for (const other of others) {
    const found = documentOf(other)
      .definitions.filter(isTypeDefinitionNode)
      .find((definition) => definition.name.value === name)
    if (found === undefined) continue
    const text = found.kind === Kind.ENUM_TYPE_DEFINITION ? `: ${enumText(found)}` : ''
    return `; declare it here too, as ${other.name} has it${text}`
  }
  return undefined
}

/** On one line, without descriptions. */
function enumText({ name, values = [] }: Extract<TypeDefinitionNode, { kind: Kind.ENUM_TYPE_DEFINITION }>) {
  return `enum ${name.value} { ${values.map((value) => value.name.value).join(' ')} }`
}
