import { dirname, join } from 'node:path'
import { z } from 'zod'
import { expandVariables } from '../../lib/files/expandVariables'

/** Where the schema of a remote subgraph is fetched from, and the file that keeps it. */
export interface RemoteSchema {
  readonly name: string
  /** Answers `{ _service { sdl } }`, as federation subgraphs do. */
  readonly url: string
  /** Sent with that query, such as an API key. */
  readonly headers: Readonly<Record<string, string>>
  /** Absolute path. */
  readonly file: string
  /** The prefix of messages about it: `rover.yaml: subgraphs.products.schema.subgraph_url`. */
  readonly where: string
}

/** The `schema` of a remote subgraph in rover.yaml. */
export const remoteShape = z.object({
  subgraph_url: z.string(),
  introspection_headers: z.record(z.string(), z.string()).default({}),
})

/** The folder of fetched schemas, relative to rover.yaml. */
const remoteFolder = join('subgraphs', 'remote')

/** Expands environment variables; throws a LoadError if one is not set. `where` is its path in rover.yaml. */
export function remoteSchemaOf(
  roverFile: string,
  name: string,
  { subgraph_url, introspection_headers }: z.infer<typeof remoteShape>,
  where: string,
): RemoteSchema {
  const headers = Object.entries(introspection_headers).map(([key, value]) => {
    return [key, expandVariables(value, () => `${where}.schema.introspection_headers.${key}`)] as const
  })
  return {
    name,
    url: expandVariables(subgraph_url, () => `${where}.schema.subgraph_url`),
    headers: Object.fromEntries(headers),
    file: join(dirname(roverFile), remoteFolder, `${name}.graphql`),
    where: `${where}.schema.subgraph_url`,
  }
}
