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
  /** Whether a value is completed without a look at its place. */
  readonly isLeaf: boolean
}

/** Objects that stand at one place of an answer. */
export interface ColumnRows {
  /** As resolvers get them. */
  readonly parents: readonly unknown[]
  /** Those that get the field's values. */
  readonly targets: readonly ResponseObject[]
  /** Where they stand. */
  pathOf(row: number): ResponsePath | undefined
}

/** Asks a field for all values at once and writes them where they belong. Never rejects. */
export async function answerColumn(
  { use, column, complete, isLeaf }: ColumnUse,
  { parents, targets, pathOf }: ColumnRows,
  run: LocalRun,
): Promise<void> {
  const { key } = use
  const path = (row: number) => addPath(pathOf(row), key, use.parentType.name)
  const fail = (row: number, error: unknown) => {
    targets[row][key] ??= null
    const place = path(row)
    run.addError(fieldError(error, use.nodesOf(run), place), place)
  }
  try {
    const { values, errors } = await column.answer({
      parents,
      args: use.argsOf(run),
      contextValue: run.contextValue,
      info: (row) => use.info(run, path(row)),
    })
    if (!run.isWanted()) return
    for (let row = 0; row < parents.length; row++) {
      const error = errors?.[row]
      if (error !== undefined) {
        fail(row, error)
        continue
      }
      try {
        const completed = complete(values[row], isLeaf ? undefined : pathOf(row), key, run)
        if (isPromise(completed)) run.alsoWaitFor(writeLater(completed, row))
        else targets[row][key] = completed ?? targets[row][key] ?? null
      } catch (thrown) {
        fail(row, thrown)
      }
    }
  } catch (error) {
    for (let row = 0; row < parents.length; row++) fail(row, error)
  }

  function writeLater(value: PromiseLike<unknown>, row: number): PromiseLike<void> {
    return value.then(
      (settled) => {
        targets[row][key] = settled
      },
      (error) => fail(row, error),
    )
  }
}

/** Gathers its rows while the tree is walked. */
export class ColumnBatch implements ColumnRows {
  readonly parents: unknown[] = []
  readonly targets: ResponseObject[] = []
  private readonly paths: (ResponsePath | undefined)[] = []

  constructor(readonly column: ColumnUse) {}

  add(parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    this.parents.push(parent)
    this.targets.push(target)
    this.paths.push(path)
  }

  readonly pathOf = (row: number): ResponsePath | undefined => this.paths[row]
}
