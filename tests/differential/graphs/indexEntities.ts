import { type GraphQLSchema, isInterfaceType, type SelectionSetNode } from 'graphql'
import { fieldsOf } from './federationFacts'
import type { Thing, Values } from './graph'

/** Finds things by representations: by the first key of their type that is complete in it. */
export function indexEntities(
  things: readonly Thing[],
  keys: ReadonlyMap<string, ReadonlyMap<string, SelectionSetNode>>,
  whole: GraphQLSchema,
): (representation: Values) => Thing | undefined {
  const byKey = new Map<string, Thing>()
  const byId = new Map(things.map((thing) => [thing.key, thing]))
  for (const [typeName, selections] of keys) {
    const type = whole.getType(typeName)
    for (const thing of things) {
      const isOne = isInterfaceType(type)
        ? whole.getPossibleTypes(type).some(({ name }) => name === thing.__typename)
        : thing.__typename === typeName
      if (!isOne) continue
      for (const [text, selection] of selections) {
        byKey.set(`${typeName} ${text} ${textOf(thing, selection, byId)}`, thing)
      }
    }
  }
  return (representation) => {
    const type = String(representation['__typename'])
    for (const [text, selection] of keys.get(type) ?? []) {
      const value = textOf(representation, selection, byId)
      if (value !== undefined) return byKey.get(`${type} ${text} ${value}`)
    }
    return undefined
  }
}

/** The key's values as text; undefined where one is missing. A thing names another by its key. */
function textOf(
  value: Values,
  selection: SelectionSetNode,
  byId: ReadonlyMap<string, Thing>,
): string | undefined {
  const texts: string[] = []
  for (const { name, selectionSet } of fieldsOf(selection)) {
    const found = value[name.value]
    if (found === undefined || found === null) return undefined
    if (selectionSet === undefined) texts.push(String(found))
    else {
      const inside = textOf(
        typeof found === 'string' ? (byId.get(found) ?? {}) : (found as Values),
        selectionSet,
        byId,
      )
      if (inside === undefined) return undefined
      texts.push(`{${inside}}`)
    }
  }
  return texts.join(' ')
}
