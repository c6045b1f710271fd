import {
  type DocumentNode,
  defaultFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ResponsePath,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import {
  type CollectedField,
  collectFields,
  fragmentsOf,
  subselections,
} from '../../federation/operations/collectFields'
import { columnsOf } from '../../lib/execution/columnField'
import { findsEntities } from '../../lib/execution/entityField'
import { type ResponseObject, responseClass } from '../graphql/responseData'
import { compileEntities } from './compileEntities'
import { type CompileObject, checkingType } from './completeObject'
import { compileComplete } from './completeValue'
import {
  ColumnUse,
  type Complete,
  type ExecuteField,
  FieldUse,
  type OperationContext,
  withPlain,
} from './fieldUse'
import type { LocalRun } from './localRun'
import { compilePlainFields, isPlain, type PlainCopy, type RowEntry } from './plainFields'

interface SelectedField {
  readonly key: string
  readonly name: string
  readonly execute: ExecuteField | undefined
  /** Instead of `execute`: the field is resolved for all rows together. */
  readonly column: ColumnUse | undefined
  /**
   * What a row is filled with at first: the type's name, or a field that is read from the object without a resolver.
   */
  readonly plain: RowEntry['from'] | undefined
}

/** Compiles the selections of an operation's root or of an object. `pathOf` makes the object's path. */
export function compileSelection(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  context: OperationContext,
  pathOf: (parent: ResponsePath | undefined, key: string | number) => ResponsePath | undefined,
): Complete {
  const fields = selectedFields(type, selections, context)
  const Row = responseClass()
  const [copy, others] = partPlain(fields, Row)
  const columns = others.flatMap(({ column }) => column ?? [])
  const plain =
    copy && columns.length === others.length ? { copy, columns, fields: fields.length } : undefined
  return withPlain(plain, (source, parent, key, run) => {
    run.values += fields.length
    const row = copy?.one(source)
    if (row === undefined) return executeFields(fields, source, pathOf(parent, key), new Row(), run)
    return others.length === 0 ? row : executeFields(others, source, pathOf(parent, key), row, run)
  })
}

function executeFields(
  fields: readonly SelectedField[],
  source: unknown,
  path: ResponsePath | undefined,
  row: ResponseObject,
  run: LocalRun,
): ResponseObject | Promise<ResponseObject> {
  let pending: PromiseLike<unknown>[] | undefined
  try {
    for (let at = 0; at < fields.length; at++) {
      const { key, execute, column } = fields[at]
      if (execute === undefined) {
        row[key] = null
        run.addRow(column!, source, row, path)
        continue
      }
      const value = execute(source, path, run)
      row[key] = value
      if (typeof value !== 'object' || !isPromise(value)) continue
      pending ??= []
      pending.push(setLater(row, key, value))
    }
  } catch (error) {
    if (pending === undefined) throw error
    return failAfter(pending, error)
  }
  return pending === undefined ? row : rowAfter(pending, row)
}

// Apart, since a function with closures costs each of its calls an object.

function setLater(row: ResponseObject, key: string, value: PromiseLike<unknown>): PromiseLike<void> {
  return value.then((settled) => {
    row[key] = settled
  })
}

/** The other pending values may also reject, which nobody would handle. */
function failAfter(pending: readonly PromiseLike<unknown>[], error: unknown): Promise<never> {
  return Promise.all(pending).finally(() => {
    throw error
  }) as Promise<never>
}

function rowAfter(pending: readonly PromiseLike<unknown>[], row: ResponseObject): Promise<ResponseObject> {
  return Promise.all(pending).then(() => row)
}

/** Splits off the fields that are copied from those that are executed afterwards. */
function partPlain(
  fields: readonly SelectedField[],
  Row: new () => ResponseObject,
): [PlainCopy | undefined, readonly SelectedField[]] {
  if (!fields.some(({ plain }) => plain instanceof Object)) return [undefined, fields]
  // Keys keep their order: other fields are null until they are executed.
  const entries = fields.map(({ key, plain = null }) => ({ key, from: plain }))
  return [compilePlainFields(entries, Row), fields.filter(({ plain }) => plain === undefined)]
}

/** By response key, in the order of the document. */
export function selectedFields(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  context: OperationContext,
): readonly SelectedField[] {
  const compileObject: CompileObject = (objectType, use, typename) => {
    const pathOf = (prev: ResponsePath | undefined, key: string | number) => ({ prev, key, typename })
    const complete = compileSelection(objectType, subselections(use.collected), context, pathOf)
    return checkingType(objectType, use, typename, complete)
  }
  return collectFields(type, selections, context).map((collected): SelectedField => {
    const { responseKey: key, name } = collected
    const selected = { key, name, execute: undefined, column: undefined, plain: undefined }
    if (name === '__typename') return { ...selected, execute: () => type.name, plain: type.name }
    const field = definitionOf(type, collected)
    const use = new FieldUse(type, field, collected, context)
    const complete = compileComplete(field.type, use, type.name, compileObject)
    const column = columnsOf(field.resolve as never)
    if (column !== undefined && !isNonNullType(field.type)) {
      return { ...selected, column: new ColumnUse(use, column, complete) }
    }
    const own = compileResolve(use)
    const resolve = findsEntities(field.resolve as never) ? compileEntities(use, own) : own
    const plain = isPlain(field) ? field : undefined
    return { ...selected, execute: compileField(use, complete, resolve), plain }
  })
}

function definitionOf(type: GraphQLObjectType, { name }: CollectedField) {
  const field = type.getFields()[name]
  if (field === undefined) throw new Error(`Bug: ${type.name} has no field ${name}`)
  return field
}

function compileField(use: FieldUse, complete: Complete, resolve: ExecuteField): ExecuteField {
  const isNullable = !isNonNullType(use.field.type)
  const { key } = use
  const fail = (thrown: unknown, parent: ResponsePath | undefined, run: LocalRun): null =>
    use.fail(thrown, use.path(parent), isNullable, run)
  const later = (value: PromiseLike<unknown>, parent: ResponsePath | undefined, run: LocalRun) =>
    value.then(undefined, (thrown) => fail(thrown, parent, run))
  return (source, parent, run) => {
    try {
      const value = resolve(source, parent, run)
      if (typeof value === 'object' && isPromise(value)) {
        return later(
          value.then((settled) => complete(settled, parent, key, run)),
          parent,
          run,
        )
      }
      const completed = complete(value, parent, key, run)
      return typeof completed === 'object' && isPromise(completed) ? later(completed, parent, run) : completed
    } catch (thrown) {
      return fail(thrown, parent, run)
    }
  }
}

/** Compiles the call of the field's resolver. */
function compileResolve(use: FieldUse): ExecuteField {
  const { name, resolve } = use.field
  if (resolve !== undefined && resolve !== defaultFieldResolver) {
    return (source, parent, run) =>
      resolve(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
  return (source, parent, run) => {
    // An invalid argument fails the field even if nobody reads it.
    if (use.field.args.length > 0) use.argsOf(run)
    if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined
    const value = (source as Record<string, unknown>)[name]
    if (typeof value !== 'function') return value
    return value.call(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
}

/**
 * The context for compiling the fields of a document's one operation. Undefined if graphql-js has to run it: mutations of
 * several fields, which run one after the other, conditions, and introspection. Gateways send none of these.
 */
export function contextOf(schema: GraphQLSchema, document: DocumentNode): OperationContext | undefined {
  const fragments = fragmentsOf(document)
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (operations.length !== 1 || !schema.getRootType(operation.operation)) return undefined
  if (waits(operation) || needsGraphqlJs(document)) return undefined
  let number = 0
  return {
    schema,
    operation,
    fragments,
    infoFragments: Object.assign(Object.create(null), Object.fromEntries(fragments)),
    nextNumber: () => number++,
  }
}

/** Whether its fields have to run one after the other. */
function waits({ operation, selectionSet: { selections } }: OperationDefinitionNode): boolean {
  if (operation === OperationTypeNode.QUERY) return false
  return (
    operation !== OperationTypeNode.MUTATION || selections.length > 1 || selections[0].kind !== Kind.FIELD
  )
}

function needsGraphqlJs(document: DocumentNode): boolean {
  let needs = false
  visit(document, {
    Field: ({ name }) => {
      if (name.value === '__schema' || name.value === '__type') needs = true
    },
    Directive: ({ name }) => {
      if (name.value === 'skip' || name.value === 'include') needs = true
    },
  })
  return needs
}
