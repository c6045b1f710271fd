import { type DocumentNode, type FieldDefinitionNode, print } from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import { readFederationLink } from '../sdl/federationLink'
import { hasDirective } from '../sdl/subgraph'
import type { IsTakenOver } from '../sdl/takenOver'

interface Source {
  readonly name: string
  readonly file: string
  readonly document: DocumentNode
}

/**
 * Returns the arguments of `@external` fields that have a default where the field's own subgraph gives none, or none
 * where it gives one. The library compares defaults only with each other, and would show clients one that nobody applies.
 */
export function checkExternalDefaults(sources: readonly Source[], isTakenOver: IsTakenOver): string[] {
  const declared = sources.flatMap(fieldsOf)
  const owned = declared.filter(
    ({ source, coordinate, isExternal }) => !isExternal && !isTakenOver(source.name, coordinate),
  )
  return declared.flatMap(({ source, coordinate, node, isExternal }) => {
    const owners = isExternal ? owned.filter((other) => other.coordinate === coordinate) : []
    return (node.arguments ?? []).flatMap(({ name, defaultValue }) => {
      const given = owners.flatMap((owner) =>
        (owner.node.arguments ?? [])
          .filter((argument) => argument.name.value === name.value)
          .map((argument) => ({ subgraph: owner.source.name, defaultValue: argument.defaultValue })),
      )
      if (given.length === 0) return []
      const own = given.find((one) => one.defaultValue !== undefined) ?? given[0]
      if ((own.defaultValue === undefined) === (defaultValue === undefined)) return []
      const expected =
        own.defaultValue === undefined ? 'no default' : `the default ${print(own.defaultValue)}`
      const got = defaultValue === undefined ? 'none' : print(defaultValue)
      return [
        `${shortPath(source.file)}:${name.loc?.startToken.line} ${coordinate}(${name.value}:): must have ${expected} as in ${own.subgraph}, whose field it is, got ${got}`,
      ]
    })
  })
}

interface DeclaredField {
  readonly source: Source
  readonly coordinate: string
  readonly node: FieldDefinitionNode
  /** Whether it is marked as another subgraph's, or its whole type is. */
  readonly isExternal: boolean
}

function fieldsOf(source: Source): readonly DeclaredField[] {
  const external = readFederationLink(source.document).directive('external')
  return source.document.definitions.flatMap((definition) => {
    if (!('fields' in definition) || !('interfaces' in definition)) return []
    return (definition.fields ?? []).map((node) => ({
      source,
      coordinate: `${definition.name.value}.${node.name.value}`,
      node,
      isExternal: hasDirective(node, external) || hasDirective(definition, external),
    }))
  })
}
