import { readFileSync } from 'node:fs'
import { LoadError } from '../lib/errors'
import { shortPath } from '../lib/packagePaths'
import type { CreateResolvers } from '../serving/fields/subgraphModule'
import { type PageArgs, page } from './page'

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

/** The rows of the data file that a subgraph's setting `name` names; they are under the same name there. */
export function ownRows<Row>(
  settings: Readonly<Record<string, string>>,
  subgraph: string,
  name: string,
): Row[] {
  const file = settings[name]
  if (file === undefined)
    throw new LoadError([`subgraphs.${subgraph}.${name}: must name a file, got nothing`])
  return readRows(file, name)
}

/**
 * Resolvers of a subgraph whose only entity, of type `type`, has the rows of a data file: a field for one by its id, and
 * a field for pages of all. The other fields have the same names in the schema and need no resolvers.
 */
export function rowResolvers(subgraph: string, type: string, one: string, all: string): CreateResolvers {
  return (settings) => {
    const rows = ownRows<{ readonly id: number }>(settings, subgraph, all)
    const byId = new Map(rows.map((row) => [String(row.id), row]))
    const find = ({ id }: { id: string }) => byId.get(id) ?? null
    return {
      Query: {
        [all]: (_: unknown, args: PageArgs) => page(rows, args, 20),
        [one]: (_: unknown, args: { id: string }) => find(args),
      },
      [type]: { __resolveReference: find },
    }
  }
}
