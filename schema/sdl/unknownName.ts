import {
  type DocumentNode,
  isTypeDefinitionNode,
  Kind,
  specifiedDirectives,
  specifiedScalarTypes,
} from 'graphql'
import { didYouMean } from '../../lib/files/nearMiss'
import { importedNames, schemaDirectives } from './federationLink'

/** The end of a message about an unknown directive, type or argument: what was probably meant; else empty. */
export function unknownName(message: string, document: DocumentNode): string {
  if (message.includes('ou mean')) return ''
  const [, kind, name, directive = ''] =
    /^(?:\[.*?\] )?Unknown (directive|type|argument) "?@?(\w+)"?(?: on directive "@(\w+)")?/.exec(message) ??
    []
  switch (kind) {
    case 'directive':
      return didYouMean(`@${name}`, directivesOf(document))
    case 'type':
      return didYouMean(name, typesOf(document))
    case 'argument':
      return didYouMean(name, argumentsOf(directive, document))
    default:
      return ''
  }
}

function directivesOf(document: DocumentNode): readonly string[] {
  const defined = document.definitions.flatMap((definition) =>
    definition.kind === Kind.DIRECTIVE_DEFINITION ? [definition.name.value] : [],
  )
  const imported = schemaDirectives(document, 'link').flatMap((link) => [...importedNames(link).values()])
  const specified = specifiedDirectives.map(({ name }) => name)
  return [...defined, ...imported, ...specified].map((name) => `@${name}`)
}

function typesOf({ definitions }: DocumentNode): readonly string[] {
  const defined = definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value)
  return [...defined, ...specifiedScalarTypes.map(({ name }) => name)]
}

function argumentsOf(directive: string, { definitions }: DocumentNode): readonly string[] {
  const defined = definitions.flatMap((definition) =>
    definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === directive
      ? (definition.arguments ?? []).map(({ name }) => name.value)
      : [],
  )
  return [...defined, ...(federationArguments[directive.replace('federation__', '')] ?? [])]
}

/** Of the directives whose definitions schemas leave out. */
const federationArguments: Readonly<Record<string, readonly string[]>> = {
  key: ['fields', 'resolvable'],
  requires: ['fields'],
  provides: ['fields'],
  override: ['from', 'label'],
  link: ['url', 'as', 'import', 'for'],
}
