/**
 * Which fields of which merged objects are null because their fetch or resolver failed; kept by the object itself, so
 * that it needs no path. A field that is null without standing here is null by its owner's word.
 */
export class Failures {
  private readonly failed = new Map<object, Set<string | number>>()
  /** Not gone through before somebody asks: often nobody does. */
  private readonly many: { readonly containers: readonly object[]; readonly key: string }[] = []

  /** `container` is an object or a list of the response, `key` the response key or index in it. */
  add(container: object, key: string | number): void {
    const keys = this.failed.get(container)
    if (keys === undefined) this.failed.set(container, new Set([key]))
    else keys.add(key)
  }

  /** The same for a field of many objects. The list must not change any more. */
  addMany(containers: readonly object[], key: string): void {
    this.many.push({ containers, key })
  }

  /** Follows an error's path as far as there are values, and remembers the null that ends it. */
  addBelow(container: object, path: readonly (string | number)[]): void {
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
      for (const { containers, key: failed } of this.many.splice(0))
        for (const one of containers) this.add(one, failed)
    }
    return this.failed.get(container)?.has(key) ?? false
  }
}
