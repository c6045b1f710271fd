import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { LoadError, show } from '../../../lib/errors'
import { readWithin } from '../../../lib/files/readWithin'
import { shortLine } from '../../../lib/files/shortLine'
import { isMap } from '../../../lib/isMap'
import { shortPath } from '../../../lib/packagePaths'
import { parseJson } from '../../../lib/readJson'
import { csvOptions } from './csvOptions'

/** Rows of a sample file as columns, all of the same length. Null means an empty cell, null or NaN. */
export interface Samples {
  readonly file: string
  readonly rows: number
  readonly columns: ReadonlyMap<string, readonly unknown[]>
  /** Whether every value is text, as in CSV. */
  readonly isText: boolean
}

/** This many rows are enough to tell what a column holds; the rest of a larger file is ignored. */
const maxRows = 1000

const maxJsonBytes = 64 * 2 ** 20

type Row = Readonly<Record<string, unknown>>

/** Reads the first rows of a CSV file with a header, a JSON array of objects, or a Parquet file. Throws a LoadError. */
export async function readSamples(path: string): Promise<Samples> {
  const file = shortPath(path)
  const kind = extname(path).toLowerCase()
  const read = readers[kind]
  if (read === undefined) {
    throw new LoadError([`${file}: must be a file that ends with ${Object.keys(readers).join(', ')}`])
  }
  const rows = await read(path).catch((error: Error) => {
    if (error instanceof LoadError) throw error
    throw new LoadError([`${file}: must be readable as ${kind.slice(1)}, got ${shortLine(error.message)}`])
  })
  if (rows.length === 0) throw new LoadError([`${file}: must have at least one row, got none`])
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  const columns = new Map([...names].map((name) => [name, rows.map((row) => plainValue(row[name]))]))
  return { file, rows: rows.length, columns, isText: kind === '.csv' }
}

const readers: Readonly<Record<string, (path: string) => Promise<readonly Row[]>>> = {
  '.csv': readCsv,
  '.json': readJson,
  '.parquet': readParquet,
}

async function readCsv(path: string): Promise<readonly Row[]> {
  const { parse }: typeof import('csv-parse') = require('csv-parse')
  const rows: Row[] = []
  const source = createReadStream(path)
  const parser = source.pipe(parse({ ...csvOptions(shortPath(path)), to: maxRows }))
  // A pipe does not forward errors of its source.
  source.once('error', (error) => parser.destroy(error))
  for await (const row of parser as AsyncIterable<Row>) rows.push(row)
  source.destroy()
  return rows
}

async function readJson(path: string): Promise<readonly Row[]> {
  const file = shortPath(path)
  const value = parseJson(readWithin(path, maxJsonBytes).toString(), file)
  if (!Array.isArray(value)) throw new LoadError([`${file}: must be an array of objects, got ${show(value)}`])
  const rows = value.slice(0, maxRows)
  const stray = rows.findIndex((row) => !isMap(row))
  if (stray >= 0) throw new LoadError([`${file}: row ${stray}: must be an object, got ${show(rows[stray])}`])
  return rows as Row[]
}

async function readParquet(path: string): Promise<readonly Row[]> {
  // It is an ES module.
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet')
  return parquetReadObjects({ file: await asyncBufferFromFile(path), rowEnd: maxRows })
}

function plainValue(value: unknown): unknown {
  if (value === undefined || value === '' || Number.isNaN(value)) return null
  if (typeof value === 'bigint') return Number(value)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as Float64Array, plainValue)
  return Array.isArray(value) ? value.map(plainValue) : value
}
