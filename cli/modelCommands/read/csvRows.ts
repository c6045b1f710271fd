import { LoadError, show } from '../../../lib/errors'
import { shortLine } from '../../../lib/files/shortLine'
import { groupBy } from '../../../lib/groups'
import { readJson } from '../../../lib/readJson'
import type { InputSpec } from '../../../models/contracts/objective'
import type { ValueType } from '../../../models/types/valueType'
import { fieldName } from '../../newModel/propose/names'
import { csvOptions } from '../../newModel/samples/csvOptions'

/**
 * The rows of a CSV text with a header, with values of the types that the features have. Columns are found by their
 * names, or as `presage models new` calls them. An empty cell is null. A cell that is not of its type stays text, so
 * that its row is refused with it. Throws a LoadError if the text is not CSV, or has two columns of one feature.
 */
export function csvRows(
  text: string,
  where: string,
  features: readonly Pick<InputSpec, 'name' | 'type'>[],
): readonly unknown[] {
  const types = new Map(features.map(({ name, type }) => [name, type]))
  const rows = parseCsv(text, where)
  if (rows.length === 0) throw new LoadError([`${where}: must have at least one row, got none`])
  const columns = columnsByName(Object.keys(rows[0]), types, where)
  return rows.map((row) =>
    Object.fromEntries(
      [...columns].map(([name, column]) => [name, cellValue(row[column], types.get(name))] as const),
    ),
  )
}

function columnsByName(
  header: readonly string[],
  features: ReadonlyMap<string, unknown>,
  where: string,
): ReadonlyMap<string, string> {
  const byName = groupBy(header, (column) => (features.has(column) ? column : fieldName(column)))
  return new Map(
    [...byName].map(([name, columns]) => {
      // The index of a data frame, which has no name, is not meant where another column is.
      const [first, ...others] = columns.length === 1 ? columns : columns.filter((column) => column !== '')
      if (others.length === 0 || !features.has(name)) return [name, first]
      const got = [first, ...others].map(show).join(' and ')
      throw new LoadError([`${where}: must have one column for feature ${name}, got ${got}`])
    }),
  )
}

function parseCsv(text: string, where: string): readonly Readonly<Record<string, string>>[] {
  // Loaded late, since few commands read CSV.
  const { parse }: typeof import('csv-parse/sync') = require('csv-parse/sync')
  try {
    return parse(text, csvOptions(where))
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([`${where}: must be CSV with a header, got ${shortLine((error as Error).message)}`])
  }
}

function cellValue(cell: string, type: ValueType | undefined): unknown {
  if (cell === '') return null
  switch (type?.kind) {
    case 'Int':
    case 'Float':
      return cell.trim() === '' || Number.isNaN(Number(cell)) ? cell : Number(cell)
    case 'Boolean':
      return booleans.get(cell.toLowerCase()) ?? cell
    case 'list': {
      const value = readJson(cell)
      return value === undefined ? cell : value
    }
    default:
      return cell
  }
}

const booleans = new Map([
  ['true', true],
  ['false', false],
])
