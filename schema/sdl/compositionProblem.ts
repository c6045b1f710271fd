import {
  type DocumentNode,
  type GraphQLError,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  type NameNode,
} from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import { locatedMessage, parseSdl } from './parseSdl'
import type { SubgraphSource } from './subgraphSources'

/**
 * A composition error as `file:line: message`. The library seldom knows the line. The message names a type or field,
 * though, which is looked up in the schemas that it is about; further places follow the message.
 */
export function compositionProblem(error: GraphQLError, sources: readonly SubgraphSource[]): string {
  const owner = sources.find(({ name }) => name === error.extensions['subgraphName'])
  if (owner !== undefined && error.locations !== undefined)
    return withoutOwner(locatedMessage(error, owner.file), owner)
  const named = sources.filter(({ name }) => error.message.includes(`"${name}"`))
  const about = owner !== undefined ? [owner] : named.length > 0 ? named : sources
  const [first, ...more] = placesOf(error.message, about)
  const place = first ?? (owner === undefined ? 'supergraph' : shortPath(owner.file))
  const also = more.length === 0 ? '' : `; also at ${more.join(' and ')}`
  return withoutOwner(`${place}: ${error.message}${also}`, owner)
}

function withoutOwner(line: string, owner: SubgraphSource | undefined): string {
  return owner === undefined ? line : line.replace(`[${owner.name}] `, '')
}

/** Where the first type or field that the message names is defined, in each of the schemas. */
function placesOf(message: string, sources: readonly SubgraphSource[]): readonly string[] {
  const defined = sources.map((source) => ({ source, lines: linesOf(parseSdl(source.file, source.sdl)) }))
  for (const [, coordinate] of message.matchAll(/"(\w+(?:\.\w+)?)(?:\(\w+:\))?"/g)) {
    const places = defined.flatMap(({ source, lines }) => {
      const line = lines.get(coordinate)
      return line === undefined ? [] : [`${shortPath(source.file)}:${line}`]
    })
    if (places.length > 0) return places
  }
  return []
}

/** The line of each type (`Title`) and field (`Title.year`). If one is defined twice, the second counts. */
function linesOf({ definitions }: DocumentNode): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const add = (coordinate: string, { loc }: NameNode) => {
    if (loc !== undefined) lines.set(coordinate, loc.startToken.line)
  }
  for (const definition of definitions) {
    if (!isTypeDefinitionNode(definition) && !isTypeExtensionNode(definition)) continue
    const type = definition.name
    add(type.value, type)
    const fields = 'fields' in definition ? definition.fields : undefined
    const values = 'values' in definition ? definition.values : undefined
    for (const { name } of fields ?? values ?? []) add(`${type.value}.${name.value}`, name)
  }
  return lines
}
