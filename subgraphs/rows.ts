import { readFileSync } from 'node:fs'
import { LoadError } from '../lib/errors'
import { shortPath } from '../lib/packagePaths'

/** The rows of a JSON data file, which are under `key`, beside the data's source and licence. */
export function readRows<Row>(file: string, key: string): Row[] {
  let content: Record<string, unknown> | null
  try {
    content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown> | null
  } catch (error) {
    throw new LoadError([`${shortPath(file)}: must be a JSON file, got ${(error as Error).message}`])
  }
  const rows = content?.[key]
  if (!Array.isArray(rows)) throw new LoadError([`${shortPath(file)}: ${key}: must be a list`])
  return rows as Row[]
}

/** A setting that a subgraph requires. */
export function requireSetting(
  settings: Readonly<Record<string, string>>,
  subgraph: string,
  name: string,
): string {
  const value = settings[name]
  if (value === undefined)
    throw new LoadError([`subgraphs.${subgraph}.${name}: must name a file, got nothing`])
  return value
}
