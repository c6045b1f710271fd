import { LoadError } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { Config } from '../config/config'
import { loadDeploymentSources } from '../graph/deploymentSources'

/** Prints one subgraph's full SDL. */
export function printSchema(config: Config, name: string): void {
  const sources = loadDeploymentSources(config)
  const source = sources.find((one) => one.name === name)
  if (source === undefined) {
    const names = sources.map((one) => one.name)
    throw new LoadError([
      `schema print: must name a subgraph (${names.join(', ')}), got ${name}${didYouMean(name, names)}`,
    ])
  }
  console.log(withPredictDirective(source).sdl)
}
