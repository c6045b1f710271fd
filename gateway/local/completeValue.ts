import {
  GraphQLError,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'
import { completeItems, copyItem, type ItemWays } from './completeItems'
import { compileLeaf, finalItems } from './completeLeaf'
import {
  type CompileObject,
  type CompleteObject,
  compileAbstract,
  type QuickObject,
  withQuick,
} from './completeObject'
import type { FieldUse } from './fieldUse'
import { addPath } from './responsePath'

/**
 * Completes what a resolver gave for the place `key` below `parent`: the value of the answer, null, or a promise of it.
 * Throws, or rejects, where the field or list item is an error. As graphql-js does it, with all that depends on types decided
 * beforehand.
 */
export type Complete = CompleteObject

/** `typename` is that of the path's entry: the parent type for a field, none for an item of a list. */
export function compileComplete(
  type: GraphQLOutputType,
  use: FieldUse,
  typename: string | undefined,
  compileObject: CompileObject,
): Complete {
  if (isNonNullType(type)) return nonNull(compileComplete(type.ofType, use, typename, compileObject), use)
  if (isListType(type)) return compileList(type.ofType, use, typename, compileObject)
  if (isLeafType(type)) return compileLeaf(type)
  const complete = isAbstractType(type)
    ? compileAbstract(type, use, typename, compileObject)
    : compileObject(type, use, typename)
  return withQuick((value, parent, key, run) => {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) return null
    return complete(value, parent, key, run)
  }, complete.quick)
}

function nonNull(complete: Complete, { coordinate }: FieldUse): Complete {
  return withQuick((value, parent, key, run) => {
    const completed = complete(value, parent, key, run)
    if (completed !== null) return completed
    throw new Error(`Cannot return null for non-nullable field ${coordinate}.`)
  }, complete.quick)
}

function compileList(
  itemType: GraphQLOutputType,
  use: FieldUse,
  typename: string | undefined,
  compileObject: CompileObject,
): Complete {
  const complete = compileComplete(itemType, use, undefined, compileObject)
  const leaf = isNonNullType(itemType) ? itemType.ofType : itemType
  const asTheyAre = isLeafType(leaf) ? finalItems(leaf) : undefined
  const isNullable = !isNonNullType(itemType)
  const fail: ItemWays['fail'] = (thrown, path, index, run) => {
    const itemPath = addPath(path, index, undefined)
    const error = use.errorAt(itemPath, thrown)
    if (!isNullable) throw error
    run.addError(error, itemPath)
    return null
  }
  const ordinary: ItemWays = { quick: undefined, complete, fail }
  let ways: ItemWays | undefined
  return (value, parent, key, run) => {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) return null
    const isArray = Array.isArray(value)
    const items = isArray ? asTheyAre?.(value) : undefined
    if (items !== undefined) {
      run.values += items.length
      return items
    }
    if (!isArray && (typeof value !== 'object' || !(Symbol.iterator in value))) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${use.coordinate}".`)
    }
    const path = addPath(parent, key, typename)
    const source: readonly unknown[] = isArray ? value : [...(value as Iterable<unknown>)]
    // Not before it is needed, as what is selected below.
    ways ??= waysOf(complete.quick?.(), ordinary)
    return completeItems(source, path, use.coordinate, run, ways)
  }
}

function waysOf(quick: QuickObject | undefined, ordinary: ItemWays): ItemWays {
  if (quick === undefined) return ordinary
  return { ...ordinary, quick: (item, path, index, run) => copyItem(quick, item, path, index, run) }
}
