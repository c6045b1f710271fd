import { type DefinitionNode, Kind } from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import { platformName } from '../../platform/platformSource'
import { parseSdl } from '../../schema/sdl/parseSdl'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { isPlatform } from './deploymentSources'

/**
 * A line, with its place, for each type and root field of another subgraph that has the same name as one of the
 * built-in platform. Composition's own message would not say where the other one comes from.
 */
export function platformClashes(
  config: Pick<Config, 'file' | 'platform'>,
  sources: readonly SubgraphSource[],
): readonly string[] {
  if (!isPlatform(config, platformName)) return []
  const taken = new Map(
    sources
      .filter(({ name }) => name === platformName)
      .flatMap(namesOf)
      .map(({ name, kind }) => [name, kind]),
  )
  return sources
    .filter(({ name }) => name !== platformName)
    .flatMap((source) =>
      namesOf(source)
        // Composition merges two scalars of the same name.
        .filter(({ name, kind }) => taken.has(name) && (kind !== scalar || taken.get(name) !== scalar))
        .map(
          ({ name, line }) =>
            `${shortPath(source.file)}:${line} ${name}: must have another name beside the built-in subgraph, which has ${name} too; rename it, or write platform: false in ${shortPath(config.file)}`,
        ),
    )
}

const scalar = Kind.SCALAR_TYPE_DEFINITION

interface DefinedName {
  /** A type, or a root field such as `Query.models`. */
  readonly name: string
  readonly kind: Kind
  readonly line: number
}

/** The names of types, and of the fields of root types. */
function namesOf({ file, sdl }: SubgraphSource): DefinedName[] {
  return parseSdl(file, sdl).definitions.flatMap((node: DefinitionNode): DefinedName[] => {
    if (!('name' in node) || node.name === undefined || node.kind === Kind.DIRECTIVE_DEFINITION) return []
    const type = node.name.value
    if (type !== 'Query' && type !== 'Mutation') return [defined(type, node)]
    const fields = 'fields' in node ? (node.fields ?? []) : []
    return fields.map((field) => defined(`${type}.${field.name.value}`, field))
  })
}

function defined(
  name: string,
  { kind, loc }: Pick<DefinitionNode, 'loc'> & { readonly kind: Kind },
): DefinedName {
  return { name, kind, line: loc?.startToken.line ?? 1 }
}
