import type { ResponsePath } from 'graphql'
import type { ResponseObject } from '../graphql/responseData'

/** Objects that stand at one place of an answer. */
export interface ColumnRows {
  /** As resolvers get them. */
  readonly parents: readonly unknown[]
  /** Those that get the field's values. */
  readonly targets: readonly ResponseObject[]
  /** Where they stand. */
  pathOf(row: number): ResponsePath | undefined
}

/** Gathers rows while the tree is walked. Made with the first of them, so that lists of one row have no room for more. */
export class RowBatch implements ColumnRows {
  readonly parents: unknown[]
  readonly targets: ResponseObject[]
  private readonly paths: (ResponsePath | undefined)[]

  constructor(parent: unknown, target: ResponseObject, path: ResponsePath | undefined) {
    this.parents = [parent]
    this.targets = [target]
    this.paths = [path]
  }

  add(parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    this.parents.push(parent)
    this.targets.push(target)
    this.paths.push(path)
  }

  pathOf(row: number): ResponsePath | undefined {
    return this.paths[row]
  }
}
