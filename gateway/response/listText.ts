import { type GraphQLOutputType, getNullableType, isNonNullType, isSpecifiedScalarType } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import { readColumn } from '../graphql/columnText'
import type { PlanRun } from '../run/planRun'
import { jsonText } from './compilePlace'
import { listPlaceOf } from './listPlace'

/** The data of a run as the client's JSON. Undefined if its objects have to be made and written one by one. */
export type WriteList = (run: PlanRun) => string | undefined

/** Compiles the writing of a list that came by columns, and whose objects nobody has needed. */
export function compileListText(root: Place, mostValues: number, mostCharacters: number): WriteList {
  const place = listPlaceOf(root)
  if (place === undefined) return () => undefined
  const { field, shape } = place
  /** What is written before each value. */
  const heads: string[] = []
  const shown: { readonly key: string; readonly type: GraphQLOutputType }[] = []
  let head = '{'
  for (const { responseKey, ...member } of shape.shown) {
    head += `${head.length > 1 || heads.length > 0 ? ',' : ''}"${responseKey}":`
    if (member.key === undefined) {
      head += `"${shape.type.name}"`
      continue
    }
    if (!isSpecifiedScalarType(getNullableType(member.type) as never)) return () => undefined
    heads.push(head)
    shown.push(member)
    head = ''
  }
  const end = `${head}}`
  const before = `{"${field.responseKey}":[`
  return (run) => {
    const { list } = run
    if (list === undefined || list.key !== field.key || list.type !== shape.type.name) return undefined
    if (run.errors.length > 0 || run.shared.length > 0 || run.hasFailures) return undefined
    const values = 1 + list.rows * (1 + shape.shown.length)
    if (values > mostValues) return undefined
    const columns: (readonly string[])[] = []
    let characters = 0
    for (const { key, type } of shown) {
      const column = list.column(key)
      characters += column?.length ?? 0
      if (characters > mostCharacters) return undefined
      const items = column === undefined ? undefined : itemsOf(column, list.rows, type)
      if (items?.length !== list.rows) return undefined
      columns.push(items)
    }
    let text = before
    for (let row = 0; row < list.rows; row++) {
      if (row > 0) text += ','
      for (let at = 0; at < columns.length; at++) text += heads[at] + columns[at][row]
      text += end
    }
    text += ']}'
    run.checkSize(values, text.length, root.type.name)
    return text
  }
}

/** The values of a column as JSON; undefined if there is a null that the type does not allow. */
function itemsOf(column: string, rows: number, type: GraphQLOutputType): readonly string[] | undefined {
  const items = plainItems.test(column) ? splitItems(column) : writtenItems(column, rows)
  return isNonNullType(type) && items?.includes('null') ? undefined : items
}

function splitItems(column: string): readonly string[] {
  return column.length === 2 ? [] : column.slice(1, -1).split(',')
}

function writtenItems(column: string, rows: number): readonly string[] | undefined {
  try {
    return readColumn(column, rows).map((value) => jsonText(value) ?? 'null')
  } catch {
    return undefined
  }
}

/** A column of values that need not be read to be told apart: numbers, nulls, flags, and texts without commas and escapes. */
const plainItems =
  /^\[(?:(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|"[^"\\,\p{Cc}]*"|null|true|false)(?:,(?!\])|(?=\])))*\]$/u
