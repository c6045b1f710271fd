import { notOneOf } from '../../lib/files/nearMiss'
import { placeInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'

/** A line for each name in `gateway.subgraphs` that no subgraph of the supergraph has. */
export function unknownSubgraphs(
  { file, gateway }: Pick<Config, 'file' | 'gateway'>,
  names: readonly string[],
): readonly string[] {
  return Object.keys(gateway.subgraphs)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const path = `gateway.subgraphs.${name}`
      return `${placeInFile(file, path)}: ${path}: ${notOneOf('must be a subgraph of the supergraph', name, names)}`
    })
}
