import { getNamedType, isLeafType } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import { compileReadColumn, type ReadColumn } from '../graphql/columnCode'
import { columnsText } from '../graphql/columnList'
import { columnText } from '../graphql/columnText'
import { maxColumnRows } from '../graphql/entityColumns'
import { isStackOverflow } from '../graphql/tooDeep'
import type { PlanRun } from '../run/planRun'
import { listPlaceOf } from './listPlace'

/** Writes the data of a run by columns. Undefined if that cannot be, which is no error. */
export type WriteColumns = (run: PlanRun) => string | undefined

/**
 * Compiles the writing of answers whose only field is a list of objects with leaf fields. Their nulls were completed when
 * the operation ran.
 */
export function compileListColumns(root: Place): WriteColumns {
  const place = listPlaceOf(root)
  if (place === undefined) return () => undefined
  const { field, shape } = place
  const constants: Record<string, string> = {}
  const columns: string[] = []
  const reads: ReadColumn[] = []
  for (const { responseKey, ...member } of shape.shown) {
    if (member.key === undefined) constants[responseKey] = shape.type.name
    else if (isLeafType(getNamedType(member.type))) {
      columns.push(responseKey)
      reads.push(compileReadColumn(member.key))
    } else return () => undefined
  }
  const head = { key: field.responseKey, type: shape.type.name, constants }
  const most = Math.min(maxColumnRows, mostValues / (reads.length + 1))
  const write: WriteColumns = (run) => {
    const list = run.data[field.key]
    if (run.errors.length > 0 || run.shared.length > 0 || !Array.isArray(list) || list.length > most)
      return undefined
    if (list.includes(null)) return undefined
    let values = list.length * (reads.length + 1)
    let characters = 0
    const texts: string[] = []
    for (const read of reads) {
      const column = read(list)
      for (const value of column) {
        if (Array.isArray(value)) values += value.length
        characters += charactersIn(value)
      }
      if (characters > mostCharacters) return undefined
      texts.push(columnText(column))
    }
    const text = columnsText({ ...head, rows: list.length, columns }, texts)
    run.checkSize(values, text.length, root.type.name)
    return text
  }
  return (run) => {
    try {
      return write(run)
    } catch (error) {
      // A scalar that nests too deep fails only its own field, if written alone.
      if (isStackOverflow(error)) return undefined
      throw error
    }
  }
}

/** Of a text, or of a list of texts. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 0
  let characters = 0
  for (const item of value) characters += charactersIn(item)
  return characters
}

/** So much is written at once. */
const mostValues = 20_000
const mostCharacters = 524_288
