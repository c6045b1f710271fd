import type { ResponsePath } from 'graphql'
import { isPromise } from '../../lib/isPromise'
import type { QuickObject } from './completeObject'
import type { LocalRun } from './localRun'
import { addPath } from './responsePath'

type AtItem<Result> = (value: unknown, path: ResponsePath, index: number, run: LocalRun) => Result

/** How the items of one list are completed. */
export interface ItemWays {
  /** A shorter way for values that are at hand; undefined for one that needs a closer look, such as a promise. Null never. */
  readonly quick: AtItem<unknown> | undefined
  /** The item of the answer, or a promise of it. Throws, or rejects, where it is an error. */
  readonly complete: AtItem<unknown>
  /** What an item is whose completion threw this. Throws where it must not be null. */
  readonly fail: AtItem<null>
}

/** The object of the answer, whose columns will be asked; undefined as `copy`. */
export function copyItem(
  { copy, columns, size }: QuickObject,
  item: unknown,
  path: ResponsePath,
  index: number,
  run: LocalRun,
): unknown {
  const row = copy(item)
  run.values += size
  if (row !== undefined && columns.length > 0)
    run.addRows(columns, item, row, addPath(path, index, undefined))
  return row
}

/** Completes a list of the field `name` that stands at `path`: the list of the answer, or a promise of it. */
export function completeItems(
  items: readonly unknown[],
  path: ResponsePath,
  name: string,
  run: LocalRun,
  ways: ItemWays,
): unknown[] | Promise<unknown[]> {
  const made = { name, list: new Array(items.length), isPending: false, abandoned: 0 }
  return completeFrom(0, made, items, path, run, ways)
}

/** A list of the answer while it is made. */
interface Made {
  readonly name: string
  readonly list: unknown[]
  /** Whether promises are among its items. */
  isPending: boolean
  /** Those before this one are abandoned. */
  abandoned: number
}

/** Completes the items from an index on. */
function completeFrom(
  start: number,
  made: Made,
  items: readonly unknown[],
  path: ResponsePath,
  run: LocalRun,
  ways: ItemWays,
): unknown[] | Promise<unknown[]> {
  const { quick, complete, fail } = ways
  const { list } = made
  const failItem = (thrown: unknown, index: number): null => {
    try {
      return fail(thrown, path, index, run)
    } catch (error) {
      // The list is lost.
      abandon(made, index)
      throw error
    }
  }
  for (let index = start; index < items.length; index++) {
    if (run.mustPause(made.name)) {
      // It may never be gone on with.
      if (made.isPending) abandon(made, index)
      return run.pause(() => completeFrom(index, made, items, path, run, ways))
    }
    const item = items[index]
    try {
      const row = quick?.(item, path, index, run)
      if (row !== undefined) {
        list[index] = row
        continue
      }
      const completed = isPromise(item)
        ? item.then((settled) => complete(settled, path, index, run))
        : complete(item, path, index, run)
      if (isPromise(completed)) {
        made.isPending = true
        list[index] = completed.then(undefined, (thrown) => fail(thrown, path, index, run))
      } else list[index] = completed
    } catch (thrown) {
      list[index] = failItem(thrown, index)
    }
  }
  return made.isPending ? Promise.all(list) : list
}

/** Items before `end` that are on their way may fail as well, and would be nobody's failure. */
function abandon(made: Made, end: number): void {
  for (; made.abandoned < end; made.abandoned++) {
    const item = made.list[made.abandoned]
    if (isPromise(item)) item.then(undefined, () => {})
  }
}
