import { notOneOf } from '../../lib/files/nearMiss'
import { pathInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'

/** A line for each name in `gateway.subgraphs` that no subgraph of the supergraph has. */
export function unknownSubgraphs(
  { file, gateway }: Pick<Config, 'file' | 'gateway'>,
  names: readonly string[],
): readonly string[] {
  return Object.keys(gateway.subgraphs)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const where = pathInFile(file, `gateway.subgraphs.${name}`)
      return notOneOf(`${where}: must be a subgraph of the supergraph`, name, names)
    })
}
