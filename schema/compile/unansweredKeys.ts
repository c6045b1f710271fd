import { isObjectType, Kind, type SelectionSetNode } from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import type { Site } from '../fields/site'
import { isExternal, keysOf } from '../sdl/subgraph'

/**
 * A warning if the site's type has several keys, and nothing here could tell one from another: a gateway that knows an
 * object by one key may ask this subgraph for the fields of the others. Valid, since it may never do so.
 */
export function unansweredKeys({ subgraph, catalog, type }: Site): string[] {
  if (!isObjectType(type) || catalog.knowsResolvers?.(subgraph.name) === false) return []
  const resolves = (field: string) => catalog.hasResolver?.(subgraph.name, type.name, field) === true
  if (resolves('__resolveReference')) return []
  const keys = keysOf(subgraph, type).map(fieldsOf)
  const unanswered = [...new Set(keys.flat())].filter((name) => {
    const field = type.getFields()[name]
    if (field === undefined || isExternal(subgraph, type, field) || resolves(name)) return false
    return keys.some((key) => !key.includes(name))
  })
  if (unanswered.length === 0) return []
  const place = `${shortPath(subgraph.file)}:${type.astNode?.name.loc?.startToken.line}`
  const fields = unanswered.join(' and ')
  return [
    `warning: ${place} ${type.name}: a gateway may ask for ${fields} by another key, which nothing here can answer; keep one key, or write a __resolveReference that finds it by each`,
  ]
}

function fieldsOf({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []))
}
