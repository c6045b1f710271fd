import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  type ResponsePath,
} from 'graphql'
import { inspect } from 'graphql/jsutils/inspect'
import { isPromise } from 'graphql/jsutils/isPromise'
import { PlainError } from '../../lib/errors'
import { finalScalars } from '../operations/inputCoercion'
import { type CompileObject, compileAbstract } from './completeObject'
import { type Complete, type FieldUse, withPlain } from './fieldUse'
import type { LocalRun } from './localRun'

/**
 * Compiles the completion of values of a type. `typename` is that of the path's entry: the parent type for a field,
 * undefined for an item of a list.
 */
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
  return withPlain(complete.plain, (value, parent, key, run) => {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) return null
    return complete(value, parent, key, run)
  })
}

function nonNull(complete: Complete, { coordinate, field, parentType }: FieldUse): Complete {
  return withPlain(complete.plain, (value, parent, key, run) => {
    const completed = complete(value, parent, key, run)
    if (completed !== null) return completed
    throw new PlainError(
      field.resolve === undefined || field.resolve === defaultFieldResolver
        ? `${coordinate}: must have a value, got null: it has no resolver, and its object has no such value; write one into the resolvers of ${parentType.name}, or return ${field.name} with the object`
        : `${coordinate}: must have a value, got null from its resolver`,
      `Cannot return null for non-nullable field ${coordinate}.`,
    )
  })
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
  return (value, parent, key, run) => {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) return null
    const isArray = Array.isArray(value)
    const final = isArray ? asTheyAre?.(value) : undefined
    if (final !== undefined) {
      run.values += final.length
      return final
    }
    if (!isArray && (typeof value !== 'object' || !(Symbol.iterator in value))) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${use.coordinate}".`)
    }
    const path = { prev: parent, key, typename }
    const items: readonly unknown[] = isArray ? value : [...(value as Iterable<unknown>)]
    return new ListCompletion(items, path, use, complete, isNullable, run).completeFrom(0)
  }
}

/**
 * The serialized value, or null; throws for values that the type does not accept. Values of the specification's scalars
 * are nearly always in their final form, which saves a call of the type's `serialize`.
 */
function compileLeaf(type: GraphQLLeafType): (value: unknown) => unknown {
  const isFinal = finalScalars.get(type)
  if (isFinal === undefined) return (value) => serialize(type, value)
  return (value) => (isFinal(value) ? value : serialize(type, value))
}

/** A copy of the list if all items are in their final form, and not too many for a part of a turn; else undefined. */
function finalItems(
  type: GraphQLLeafType,
): ((items: readonly unknown[]) => unknown[] | undefined) | undefined {
  const isFinal = finalScalars.get(type)
  if (isFinal === undefined) return undefined
  return (items) => {
    if (items.length > mostCopied) return undefined
    for (let at = 0; at < items.length; at++) if (!isFinal(items[at])) return undefined
    return items.slice()
  }
}

const mostCopied = 20_000

function serialize(type: GraphQLLeafType, value: unknown): unknown {
  if (value instanceof Error) throw value
  if (value === null || value === undefined) return null
  const serialized = type.serialize(value)
  if (serialized !== null && serialized !== undefined) return serialized
  throw new Error(
    `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
  )
}

/** Completes the items of a list of a field at `path`. */
export class ListCompletion {
  private readonly list: unknown[]
  /** Whether some items are promises. */
  private isPending = false
  /** Items before this index are abandoned. */
  private abandoned = 0

  constructor(
    private readonly items: readonly unknown[],
    private readonly path: ResponsePath,
    private readonly use: FieldUse,
    private readonly complete: Complete,
    /** Whether items may be null. */
    private readonly isNullable: boolean,
    private readonly run: LocalRun,
  ) {
    this.list = new Array(items.length)
  }

  /** Completes the items from an index on. Returns the list of the answer, or a promise of it. */
  completeFrom(start: number): unknown[] | Promise<unknown[]> {
    const { items, list, path, complete, run } = this
    const { coordinate } = this.use
    const { plain } = complete
    // No closures here: they would cost each item an object.
    for (let index = start; index < items.length; index++) {
      if (run.mustPause(coordinate)) return this.pauseAt(index)
      if (plain !== undefined) {
        const copied = run.copyItems(plain, items, list, index, path)
        if (copied > 0) {
          index += copied - 1
          continue
        }
      }
      const item = items[index]
      try {
        const completed = isPromise(item) ? this.completeLater(item, index) : complete(item, path, index, run)
        list[index] = isPromise(completed) ? this.failingLater(completed, index) : completed
      } catch (thrown) {
        list[index] = this.failAtOnce(thrown, index)
      }
    }
    return this.isPending ? Promise.all(list) : list
  }

  private pauseAt(index: number): Promise<unknown[]> {
    // The rest may never run, and then nobody would handle their rejections.
    if (this.isPending) this.abandon(index)
    return this.run.pause(() => this.completeFrom(index))
  }

  private completeLater(item: PromiseLike<unknown>, index: number): PromiseLike<unknown> {
    return item.then((settled) => this.complete(settled, this.path, index, this.run))
  }

  private failingLater(completed: PromiseLike<unknown>, index: number): PromiseLike<unknown> {
    this.isPending = true
    return completed.then(undefined, (thrown) => this.fail(thrown, index))
  }

  private failAtOnce(thrown: unknown, index: number): null {
    try {
      return this.fail(thrown, index)
    } catch (error) {
      // The list fails as a whole.
      this.abandon(index)
      throw error
    }
  }

  /** Records the error of an item and returns null. Throws if items must not be null. */
  private fail(thrown: unknown, index: number): null {
    const path = { prev: this.path, key: index, typename: undefined }
    return this.use.fail(thrown, path, this.isNullable, this.run)
  }

  /** Ignores rejections of pending items before `end`, which nobody would handle. */
  private abandon(end: number): void {
    for (; this.abandoned < end; this.abandoned++) {
      const item = this.list[this.abandoned]
      if (isPromise(item)) item.then(undefined, () => {})
    }
  }
}
