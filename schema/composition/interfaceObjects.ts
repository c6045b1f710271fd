import { type DocumentNode, type GraphQLSchema, isInterfaceType, Kind } from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import { readFederationLink } from '../sdl/federationLink'
import { hasDirective } from '../sdl/subgraph'

/**
 * Returns the types that a subgraph defines beside an `@interfaceObject` of their interface. The library composes them,
 * but that object stands for all types of the interface, so nothing leads to the fields of one of them there.
 */
export function checkInterfaceObjects(
  supergraph: GraphQLSchema,
  sources: readonly { readonly file: string; readonly document: DocumentNode }[],
): string[] {
  return sources.flatMap(({ file, document }) => {
    const name = readFederationLink(document).directive('interfaceObject')
    const objects = document.definitions.filter(
      (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
    )
    const standIns = objects.filter((node) => hasDirective(node, name))
    return objects.flatMap((node) => {
      const standIn = standIns.find((other) => implementsIt(supergraph, node.name.value, other.name.value))
      if (standIn === undefined) return []
      return [
        `${shortPath(file)}:${node.name.loc?.startToken.line} ${node.name.value}: must not be in a subgraph where an interface of it is an @interfaceObject, got ${standIn.name.value} in line ${standIn.name.loc?.startToken.line}`,
      ]
    })
  })
}

function implementsIt(supergraph: GraphQLSchema, type: string, of: string): boolean {
  const found = supergraph.getType(of)
  return isInterfaceType(found) && supergraph.getPossibleTypes(found).some(({ name }) => name === type)
}
