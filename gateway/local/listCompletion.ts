import type { ResponsePath } from 'graphql'
import { isPromise } from '../../lib/isPromise'
import type { Complete } from './completeObject'
import type { FieldUse } from './fieldUse'
import type { LocalRun } from './localRun'
import { addPath } from './responsePath'

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
    for (let index = start; index < items.length; index++) {
      if (run.mustPause(coordinate)) {
        // The rest may never run, and then nobody would handle their rejections.
        if (this.isPending) this.abandon(index)
        return run.pause(() => this.completeFrom(index))
      }
      const item = items[index]
      try {
        const completed = isPromise(item)
          ? item.then((settled) => complete(settled, path, index, run))
          : complete(item, path, index, run)
        if (isPromise(completed)) {
          this.isPending = true
          list[index] = completed.then(undefined, (thrown) => this.fail(thrown, index))
        } else list[index] = completed
      } catch (thrown) {
        list[index] = this.failAtOnce(thrown, index)
      }
    }
    return this.isPending ? Promise.all(list) : list
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
    return this.use.fail(thrown, addPath(this.path, index, undefined), this.isNullable, this.run)
  }

  /** Ignores rejections of pending items before `end`, which nobody would handle. */
  private abandon(end: number): void {
    for (; this.abandoned < end; this.abandoned++) {
      const item = this.list[this.abandoned]
      if (isPromise(item)) item.then(undefined, () => {})
    }
  }
}
