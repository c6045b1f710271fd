import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { LoadError, show } from '../../lib/errors'
import { expandVariables } from '../../lib/files/expandVariables'
import { nearestName } from '../../lib/files/nearMiss'
import { parseYaml } from '../../lib/files/parseYaml'
import { readTextFile } from '../../lib/files/readTextFile'
import { keyText, type PlaceOf, parseShape } from '../../lib/files/shapeProblems'
import { pathInFile, yamlPlaces } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { parseSdl } from './parseSdl'
import { type RemoteSchema, remoteSchemaOf, remoteShape } from './remoteSchema'

/** One subgraph of `rover.yaml`: its name, its address, and its schema as the team wrote it. */
export interface SubgraphSource {
  readonly name: string
  readonly url: string
  /** Absolute path of the SDL. */
  readonly file: string
  readonly sdl: string
  /** The subgraph runs elsewhere: its schema was fetched from it, and its fields are fetched from `url`. */
  readonly isRemote?: true
}

/**
 * Reads `rover.yaml`, in rover's own format, and the schemas that it names, in the order of the file. Paths are
 * relative to the folder of `rover.yaml`. Checks that every schema parses. Throws one `LoadError` with all problems.
 * Fetches nothing: for a `subgraph_url` it reads the file that the last fetch wrote.
 */
export function loadSubgraphSources(roverFile: string): readonly SubgraphSource[] {
  const sources = forEachSubgraph(roverFile, (...subgraph) => readSource(roverFile, ...subgraph))
  refuseSharedUrls(roverFile, sources)
  return Object.freeze(sources)
}

/** A server elsewhere is one subgraph. Those of this process have an address each only for other gateways. */
function refuseSharedUrls(roverFile: string, sources: readonly SubgraphSource[]): void {
  const remote = sources.filter(({ isRemote }) => isRemote)
  const problems = remote.flatMap(({ name, url }, place) => {
    const other = remote.slice(0, place).find((earlier) => earlier.url === url)
    if (other === undefined) return []
    const path = `subgraphs.${name}.routing_url`
    return `${pathInFile(roverFile, path)}: must be the subgraph's own, got ${url}, which is that of ${other.name}`
  })
  if (problems.length > 0) throw new LoadError(problems)
}

/** The subgraphs of `rover.yaml` with a `subgraph_url`. Throws one `LoadError` with all problems. */
export function loadRemoteSchemas(roverFile: string): readonly RemoteSchema[] {
  return forEachSubgraph(roverFile, (...subgraph) => remoteOf(roverFile, ...subgraph) ?? []).flat()
}

/** The names that `rover.yaml` lists. Throws a LoadError if it cannot be read. */
export function listedNames(roverFile: string): readonly string[] {
  return forEachSubgraph(roverFile, (name) => name)
}

function forEachSubgraph<T>(
  roverFile: string,
  read: (name: string, entry: RoverEntry, place: PlaceOf) => T,
): T[] {
  const file = shortPath(roverFile)
  const text = readTextFile(roverFile)
  const { subgraphs } = parseYaml(text, file, roverShape)
  const place = yamlPlaces(text, file)
  const entries = Object.entries(subgraphs)
  if (entries.length === 0)
    throw new LoadError([`${place('subgraphs')}: subgraphs: must list at least one subgraph, got none`])

  const problems: string[] = []
  const results: T[] = []
  for (const [name, entry] of entries) {
    try {
      results.push(read(name, entry, place))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  return results
}

/**
 * Strict at the top level, where a subgraph with too little indentation would end up. An entry may have further keys
 * that rover knows; `misspeltKeys` finds typos.
 */
const roverShape = z.strictObject({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'must be a name of letters, digits, "-" and "_" that starts with a letter'),
    z.looseObject({
      routing_url: z.string().min(1, 'must be a URL').optional(),
      schema: z.record(z.string(), z.unknown()),
    }),
  ),
})

type RoverEntry = z.infer<typeof roverShape>['subgraphs'][string]

function readSource(roverFile: string, name: string, entry: RoverEntry, place: PlaceOf): SubgraphSource {
  const where = (key: string) => {
    const path = `subgraphs.${name}.${key}`
    return `${place(path)}: ${path}`
  }
  const misspelt = [
    ...misspeltKeys(Object.keys(entry), ['routing_url', 'schema']),
    ...misspeltKeys(Object.keys(entry.schema), schemaKeys, 'schema.'),
  ]
  if (misspelt.length > 0) throw new LoadError(misspelt.map(([key, says]) => `${where(key)}: ${says}`))
  const remote = remoteOf(roverFile, name, entry, place)
  if (remote !== undefined) return readRemoteSource(remote, entry, where('routing_url'))
  if (typeof entry.schema['file'] !== 'string') {
    const came = Object.keys(entry.schema).map(keyText).join(', ')
    throw new LoadError([
      `${where('schema')}: must be "file: <path>" or "subgraph_url: <url>", got ${came === '' ? 'nothing' : came}`,
    ])
  }
  if (entry.routing_url === undefined)
    throw new LoadError([`${where('routing_url')}: must be a string, got nothing`])
  const url = routingUrl(entry.routing_url, where('routing_url'))
  const file = resolve(
    dirname(roverFile),
    expandVariables(entry.schema['file'], () => where('schema.file')),
  )
  const sdl = readTextFile(file, () => `${where('schema.file')}: `)
  parseSdl(file, sdl)
  return Object.freeze({ name, url, file, sdl })
}

/** Of rover; a schema here is one of the first two. */
const schemaKeys = ['file', 'subgraph_url', 'introspection_headers', 'sdl', 'graphref', 'subgraph']

/** Keys that are probably meant to be one of the known ones, by path, with what to say of each. */
function misspeltKeys(
  keys: readonly string[],
  known: readonly string[],
  above = '',
): readonly (readonly [path: string, says: string])[] {
  return keys.flatMap((key) => {
    const meant = known.includes(key) ? undefined : nearestName(key, known)
    return meant === undefined || keys.includes(meant)
      ? []
      : [[`${above}${keyText(key)}`, `is not a known key; did you mean "${meant}"?`] as const]
  })
}

/** The address that a gateway calls, with its environment variables expanded. */
function routingUrl(text: string, where: string): string {
  const url = expandVariables(text, () => where)
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new LoadError([`${where}: must be a URL such as http://localhost:4001/graphql, got ${show(text)}`])
}

/** Undefined for a subgraph whose schema is a file. */
function remoteOf(
  roverFile: string,
  name: string,
  { schema }: RoverEntry,
  place: PlaceOf,
): RemoteSchema | undefined {
  if (Object.hasOwn(schema, 'file') || !Object.hasOwn(schema, 'subgraph_url')) return undefined
  const where = `${place(`subgraphs.${name}.schema`)}: subgraphs.${name}`
  return remoteSchemaOf(roverFile, name, parseShape(remoteShape, schema, `${where}.schema`), where)
}

function readRemoteSource(
  { name, file, where, url }: RemoteSchema,
  entry: RoverEntry,
  whereRouting: string,
): SubgraphSource {
  if (!existsSync(file)) {
    const path = shortPath(file)
    throw new LoadError([
      `${where}: must have been fetched to ${path}, got no such file; run npx presage compose`,
    ])
  }
  const sdl = readTextFile(file)
  parseSdl(file, sdl)
  const routing = entry.routing_url
  return Object.freeze({
    name,
    // As in rover, the default is the URL that the schema is fetched from.
    url: routing === undefined ? url : routingUrl(routing, whereRouting),
    file,
    sdl,
    isRemote: true,
  })
}
