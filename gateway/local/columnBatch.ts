import type { ResponsePath } from 'graphql'
import type { ColumnField } from '../../lib/columnField'
import { isPromise } from '../../lib/isPromise'
import type { ResponseObject } from '../responseData'
import type { Complete } from './completeValue'
import { fieldError } from './fieldError'
import type { FieldUse } from './fieldUse'
import { addPath, type LocalRun } from './localRun'

/** A field that is answered by columns, at one place of an operation. */
export interface ColumnUse {
  readonly use: FieldUse
  readonly column: ColumnField
  readonly complete: Complete
}

/** Objects that stand at one place, and the objects of the response that get the field's values. */
export class ColumnBatch {
  private readonly parents: unknown[] = []
  private readonly targets: ResponseObject[] = []
  private readonly paths: (ResponsePath | undefined)[] = []

  constructor(readonly use: ColumnUse) {}

  add(parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    this.parents.push(parent)
    this.targets.push(target)
    this.paths.push(path)
  }

  /** Asks for all values at once and writes them where they belong. Never rejects. */
  async answer(run: LocalRun): Promise<void> {
    const { parents } = this
    const { use, column } = this.use
    try {
      const { values, errors } = await column.answer({
        parents,
        args: use.argsOf(run),
        contextValue: run.contextValue,
        info: (row) => use.info(run, this.pathOf(row)),
      })
      for (let row = 0; row < parents.length; row++) {
        const error = errors?.[row]
        if (error === undefined) this.write(row, values[row], run)
        else this.fail(row, error, run)
      }
    } catch (error) {
      for (let row = 0; row < parents.length; row++) this.fail(row, error, run)
    }
  }

  private write(row: number, value: unknown, run: LocalRun): void {
    const { use, complete } = this.use
    const target = this.targets[row]
    try {
      const completed = complete(value, this.paths[row], use.key, run)
      if (!isPromise(completed)) {
        target[use.key] = completed
        return
      }
      run.alsoWaitFor(
        completed.then(
          (settled) => {
            target[use.key] = settled
          },
          (error) => this.fail(row, error, run),
        ),
      )
    } catch (error) {
      this.fail(row, error, run)
    }
  }

  private fail(row: number, error: unknown, run: LocalRun): void {
    const { use } = this.use
    const path = this.pathOf(row)
    run.addError(fieldError(error, use.nodesOf(run), path), path)
  }

  private pathOf(row: number): ResponsePath {
    const { use } = this.use
    return addPath(this.paths[row], use.key, use.parentType.name)
  }
}
