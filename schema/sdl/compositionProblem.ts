import {
  type DocumentNode,
  type GraphQLError,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  type NameNode,
} from 'graphql'
import { nearMiss } from '../../lib/files/nearMiss'
import { memoizedWeakly } from '../../lib/memoized'
import { shortPath } from '../../lib/packagePaths'
import { documentOf, locatedMessage } from './parseSdl'
import type { SubgraphSource } from './subgraphSources'
import { vainOverrides } from './takenOver'

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
  return withHint(withoutOwner(`${place}: ${error.message}${also}`, owner), whatToDo(error, sources))
}

/** Adds what to do to a library's message, which may end with a full stop. `hint` is empty or begins with `; `. */
export function withHint(line: string, hint: string): string {
  return hint === '' ? line : `${line.replace(/\.$/, '')}${hint}`
}

function withoutOwner(line: string, owner: SubgraphSource | undefined): string {
  return owner === undefined ? line : line.replace(`[${owner.name}] `, '')
}

/** What to write, for mistakes of which the library's message does not tell it. */
function whatToDo({ message, extensions }: GraphQLError, sources: readonly SubgraphSource[]): string {
  const [, type, field] = /"(\w+)\.(\w+)"/.exec(message) ?? []
  if (message.startsWith('Non-shareable field')) {
    const parsed = sources.map((source) => ({ name: source.name, document: documentOf(source) }))
    return (
      vainOverrides(parsed, `${type}.${field}`) ||
      '; if all of them give it the same value, write @shareable on it in each, and import it in their @link'
    )
  }
  if (extensions['code'] !== 'EXTERNAL_MISSING_ON_BASE') return ''
  if (type === undefined) return ''
  const known = fieldsOf(type, sources)
  return `; no other subgraph has it${known.length === 0 ? '' : nearMiss(field, known)}`
}

/** The fields of a type, of all subgraphs, that are not declared as another's. */
function fieldsOf(type: string, sources: readonly SubgraphSource[]): readonly string[] {
  const fields = sources.flatMap((source) =>
    documentOf(source).definitions.flatMap((definition) => {
      if (!('fields' in definition) || definition.name.value !== type) return []
      return (definition.fields ?? []).flatMap(({ name, directives = [] }) => {
        return directives.some((one) => one.name.value.endsWith('external')) ? [] : [name.value]
      })
    }),
  )
  return [...new Set(fields)]
}

/** Where the first type or field that the message names is defined, in each of the schemas. */
function placesOf(message: string, sources: readonly SubgraphSource[]): readonly string[] {
  const defined = sources.map((source) => ({ source, lines: linesOf(documentOf(source)) }))
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
const linesOf = memoizedWeakly(({ definitions }: DocumentNode): ReadonlyMap<string, number> => {
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
})
