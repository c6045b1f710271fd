import { dirname, join } from 'node:path'
import { z } from 'zod'
import { expandVariables } from '../../lib/files/expandVariables'

/** Where a subgraph that runs elsewhere tells its schema, and the file that keeps what it told. */
export interface RemoteSchema {
  /** Of the subgraph. */
  readonly name: string
  readonly url: string
  /** Sent with the question, such as an API key. */
  readonly headers: Readonly<Record<string, string>>
  /** Absolute path. */
  readonly file: string
  /** Leads what is wrong with it: `rover.yaml: subgraphs.products.schema.subgraph_url`. */
  readonly where: string
}

/** `schema` of a subgraph of rover.yaml that runs elsewhere. */
export const remoteShape = z.object({
  subgraph_url: z.string(),
  introspection_headers: z.record(z.string(), z.string()).default({}),
})

/** The folder, beside rover.yaml, of the schemas that were fetched. */
export const remoteFolder = join('subgraphs', 'remote')

/** Variables of the environment are put in; throws a LoadError for one that is not set. `where` leads to the subgraph. */
export function remoteSchemaOf(
  roverFile: string,
  name: string,
  { subgraph_url, introspection_headers }: z.infer<typeof remoteShape>,
  where: string,
): RemoteSchema {
  const headers = Object.entries(introspection_headers).map(([key, value]) => {
    return [key, expandVariables(value, `${where}.schema.introspection_headers.${key}`)] as const
  })
  return {
    name,
    url: expandVariables(subgraph_url, `${where}.schema.subgraph_url`),
    headers: Object.fromEntries(headers),
    file: join(dirname(roverFile), remoteFolder, `${name}.graphql`),
    where: `${where}.schema.subgraph_url`,
  }
}
