import { printSchema as printApiSchema } from 'graphql'
import { buildPublicSchema } from '../../federation/supergraph/publicSchema'
import { LoadError } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { readTextFile } from '../../lib/files/readTextFile'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { Config } from '../config/config'
import { loadDeploymentSources } from '../graph/deploymentSources'

/** Prints one subgraph's full SDL, or without a name the API schema that clients see, from the composed supergraph. */
export function printSchema(config: Config, name: string | undefined): void {
  if (name === undefined) {
    console.log(printApiSchema(buildPublicSchema(readTextFile(config.graph.supergraph))))
    return
  }
  const sources = loadDeploymentSources(config)
  const source = sources.find((one) => one.name === name)
  if (source === undefined) {
    const names = sources.map((one) => one.name)
    throw new LoadError([notOneOf('schema print: must name a subgraph', name, names)])
  }
  console.log(withPredictDirective(source).sdl)
}
