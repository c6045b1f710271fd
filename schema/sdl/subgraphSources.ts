import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { LoadError } from '../../lib/errors'
import { expandVariables } from '../../lib/files/expandVariables'
import { parseYaml } from '../../lib/files/parseYaml'
import { readTextFile } from '../../lib/files/readTextFile'
import { keyText } from '../../lib/files/shapeProblems'
import { shortPath } from '../../lib/packagePaths'
import { parseSdl } from './parseSdl'

/** One subgraph of `rover.yaml`: its name, where it is reached, and its schema as the team wrote it. */
export interface SubgraphSource {
  readonly name: string
  readonly url: string
  /** Absolute path of the SDL. */
  readonly file: string
  readonly sdl: string
}

/**
 * Reads `rover.yaml`, in rover's own format, and the schemas that it names, in the order of the file. Paths
 * count from the folder of `rover.yaml`. Every schema is known to parse afterwards. Throws one `LoadError`
 * with all problems; what rover would fetch from the network is refused.
 */
export function loadSubgraphSources(roverFile: string): readonly SubgraphSource[] {
  const file = shortPath(roverFile)
  const { subgraphs } = parseYaml(readTextFile(roverFile), file, roverShape)
  const entries = Object.entries(subgraphs)
  if (entries.length === 0)
    throw new LoadError([`${file}: subgraphs: must list at least one subgraph, got none`])

  const problems: string[] = []
  const sources: SubgraphSource[] = []
  for (const [name, entry] of entries) {
    try {
      sources.push(readSource(roverFile, name, entry))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  return Object.freeze(sources)
}

/** Strict at the top, where a subgraph with too little indentation would end up; an entry may hold what else rover knows. */
const roverShape = z.strictObject({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'must be a name of letters, digits, "-" and "_" that starts with a letter'),
    z.object({
      routing_url: z.string().min(1, 'must be a URL'),
      schema: z.record(z.string(), z.unknown()),
    }),
  ),
})

type RoverEntry = z.infer<typeof roverShape>['subgraphs'][string]

function readSource(roverFile: string, name: string, entry: RoverEntry): SubgraphSource {
  const where = `${shortPath(roverFile)}: subgraphs.${name}`
  if (typeof entry.schema['file'] !== 'string') {
    const came = Object.keys(entry.schema).map(keyText).join(', ')
    throw new LoadError([
      `${where}.schema: must be "file: <path>", since schemas are composed from files, without network, got ${came === '' ? 'nothing' : came}`,
    ])
  }
  const url = expandVariables(entry.routing_url, `${where}.routing_url`)
  const file = resolve(dirname(roverFile), expandVariables(entry.schema['file'], `${where}.schema.file`))
  const sdl = readTextFile(file, `${where}.schema.file: `)
  parseSdl(file, sdl)
  return Object.freeze({ name, url, file, sdl })
}
