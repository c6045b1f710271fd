import { type GraphQLObjectType, isLeafType, isNonNullType, type ResponsePath } from 'graphql'
import { columnsOf } from '../../lib/columnField'
import { isPromise } from '../../lib/isPromise'
import { type CollectedField, collectFields, type SelectionSource } from '../collectFields'
import { type Guard, holds } from '../guard'
import type { ResponseObject } from '../responseData'
import type { ColumnUse } from './columnBatch'
import { compileField, type ExecuteField } from './compileField'
import { type CompileObject, type CompleteObject, checkingType } from './completeObject'
import { compileComplete } from './completeValue'
import { FieldUse, type OperationContext } from './fieldUse'
import type { LocalRun } from './localRun'

/** All fields that are selected on an object of one type; `path` is the object's. */
export type ExecuteFields = (
  source: unknown,
  path: ResponsePath | undefined,
  run: LocalRun,
) => ResponseObject | Promise<ResponseObject>

interface SelectedField {
  readonly key: string
  readonly name: string
  readonly guards: readonly Guard[] | undefined
  readonly execute: ExecuteField | undefined
  /** Instead of `execute`: all rows are asked together. */
  readonly column: ColumnUse | undefined
}

/** Compiles the fields of an operation's root, or of an object. */
export function compileSelection(
  type: GraphQLObjectType,
  selections: readonly SelectionSource[],
  context: OperationContext,
): ExecuteFields {
  const fields = selectedFields(type, selections, context)
  const Row = rowClass()
  return (source, path, run) => {
    const row: ResponseObject = new Row()
    let pending: PromiseLike<unknown>[] | undefined
    try {
      for (let at = 0; at < fields.length; at++) {
        const { key, guards, execute, column } = fields[at]
        if (guards !== undefined && !guards.some((guard) => holds(guard, run.variables))) continue
        if (execute === undefined) {
          row[key] = null
          run.addRow(column!, source, row, path)
          continue
        }
        const value = execute(source, path, run)
        row[key] = value
        if (!isPromise(value)) continue
        pending ??= []
        pending.push(
          value.then((settled) => {
            row[key] = settled
          }),
        )
      }
    } catch (error) {
      if (pending === undefined) throw error
      // Whatever else is on its way may fail as well, and would be nobody's failure.
      return Promise.all(pending).finally(() => {
        throw error
      }) as Promise<never>
    }
    return pending === undefined ? row : Promise.all(pending).then(() => row)
  }
}

/** By response key, in the order of the document. */
export function selectedFields(
  type: GraphQLObjectType,
  selections: readonly SelectionSource[],
  context: OperationContext,
): readonly SelectedField[] {
  const compileObject: CompileObject = (objectType, use) => {
    let execute: ExecuteFields | undefined
    const complete: CompleteObject = (value, path, run) => {
      // Not before it is needed: types may nest in each other for ever, selections do not.
      execute ??= compileSelection(objectType, use.collected.selections, context)
      return execute(value, path, run)
    }
    return checkingType(objectType, use, complete)
  }
  return collectFields(type, selections, context).map((field): SelectedField => {
    const { responseKey: key, name } = field
    const guards = field.guards.some((guard) => guard.length === 0) ? undefined : field.guards
    if (name === '__typename') return { key, name, guards, execute: () => type.name, column: undefined }
    const use = new FieldUse(type, definitionOf(type, field), field, context)
    const complete = compileComplete(use.field.type, use, type.name, compileObject)
    const column = columnsOf(use.field.resolve as never)
    if (column !== undefined && !isNonNullType(use.field.type)) {
      const isLeaf = isLeafType(use.field.type)
      return { key, name, guards, execute: undefined, column: { use, column, complete, isLeaf } }
    }
    return { key, name, guards, execute: compileField(use, complete), column: undefined }
  })
}

function definitionOf(type: GraphQLObjectType, { name }: CollectedField) {
  const field = type.getFields()[name]
  if (field === undefined) throw new Error(`Bug: ${type.name} has no field ${name}`)
  return field
}

/** A class of its own for each selection, so that the engine gives its objects one layout; nothing is inherited, not even `toString`. */
function rowClass(): new () => ResponseObject {
  function Row() {}
  Row.prototype = nothing
  return Row as unknown as new () => ResponseObject
}

const nothing = Object.create(null)
