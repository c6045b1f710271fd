import { extname } from 'node:path'
import { LoadError, show } from '../../../lib/errors'
import { readTextFile } from '../../../lib/files/readTextFile'
import { isMap } from '../../../lib/isMap'
import { shortPath } from '../../../lib/packagePaths'
import { parseJson } from '../../../lib/readJson'
import type { InputSpec } from '../../../models/contracts/objective'
import type { JsonOption } from '../../terminal/printResult'
import { csvRows } from './csvRows'

/** The options of a command that runs rows, from one of the two sources. */
export interface RowOptions extends JsonOption {
  /** A row, or a list of rows, as JSON. */
  readonly features?: string
  /** Path of a file with such JSON, or of a CSV file. */
  readonly file?: string
}

/** Undefined if neither option is set. Cells of a CSV file get the types of `specs`. Throws a LoadError. */
export function readRows(
  { features, file }: RowOptions,
  specs: readonly InputSpec[],
): readonly unknown[] | undefined {
  if (features !== undefined && file !== undefined) {
    throw new LoadError(['--features: must not be combined with --file'])
  }
  if (features !== undefined) return parseRows(features, '--features')
  if (file === undefined) return undefined
  const text = readTextFile(file, '--file: ')
  const isCsv = extname(file).toLowerCase() === '.csv'
  return isCsv ? csvRows(text, shortPath(file), specs) : parseRows(text, shortPath(file))
}

function parseRows(text: string, where: string): readonly unknown[] {
  const value = parseJson(text, where, 'JSON, an object of features or a list of them')
  if (isMap(value)) return [value]
  if (Array.isArray(value) && value.length > 0) return value
  throw new LoadError([`${where}: must be an object of features, or a list of them, got ${show(value)}`])
}
