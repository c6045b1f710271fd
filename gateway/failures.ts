import type { Path } from './responseData'

/**
 * Which fields of which merged objects are null because their fetch or resolver failed; kept by the object itself, so
 * that it needs no path. A field that is null without standing here is null by its owner's word.
 */
export class Failures {
  private readonly failed = new Map<object, Set<string | number>>()
  /** Not gone through before somebody asks: often nobody does. */
  private many: { readonly root: object; readonly paths: readonly Path[] }[] = []

  /** `container` is an object or a list of the response, `key` the response key or index in it. */
  add(container: object, key: string | number): void {
    const keys = this.failed.get(container)
    if (keys === undefined) this.failed.set(container, new Set([key]))
    else keys.add(key)
  }

  /** The same for many paths below `root`, whose nulls are looked for when somebody asks. */
  addMany(root: object, paths: readonly Path[]): void {
    this.many.push({ root, paths })
  }

  /** Follows an error's path as far as there are values, and remembers the null that ends it. */
  addBelow(container: object, path: Path): void {
    let current: object = container
    for (const key of path) {
      const next = (current as Record<string | number, unknown>)[key]
      if (next === null || next === undefined) {
        this.add(current, key)
        return
      }
      if (typeof next !== 'object') return
      current = next
    }
  }

  has(container: object, key: string | number): boolean {
    if (this.many.length > 0) {
      for (const { root, paths } of this.many) for (const path of paths) this.addBelow(root, path)
      this.many = []
    }
    return this.failed.get(container)?.has(key) ?? false
  }
}
