import { type AlikePaths, eachPath } from '../../lib/execution/sharedError'
import type { Path } from '../graphql/responseData'

/**
 * Records which fields of merged objects are null because their fetch or resolver failed. Stored by object, so that no
 * paths are needed. Any other null is a value that its subgraph answered.
 */
export class Failures {
  private readonly failed = new Map<object, Set<string | number>>()
  /** Expanded on the first call of `has`, since often there is none. */
  private alike: { readonly root: object; readonly paths: AlikePaths }[] = []

  /** `container` is an object or a list of the response, `key` the response key or index in it. */
  add(container: object, key: string | number): void {
    const keys = this.failed.get(container)
    if (keys === undefined) this.failed.set(container, new Set([key]))
    else keys.add(key)
  }

  /** Like `addBelow` for each of the paths, but deferred until the first call of `has`. */
  addAlike(root: object, paths: AlikePaths): void {
    this.alike.push({ root, paths })
  }

  /** Follows an error's path as far as there are values, and records the null at its end. */
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
    if (this.alike.length > 0) {
      for (const { root, paths } of this.alike) for (const path of eachPath(paths)) this.addBelow(root, path)
      this.alike = []
    }
    return this.failed.get(container)?.has(key) ?? false
  }
}
