import { renderPlanLock } from '../schema/planLock'
import type { Config } from './config'
import { writeGenerated } from './generatedFile'
import { loadGraph } from './graph'

/** Writes the supergraph and the plan lock, or checks that they are up to date. */
export function compose(config: Config, check: boolean): void {
  const { plan, repository, report, supergraphSdl } = loadGraph(config)
  const files = [
    { path: config.graph.supergraph, content: supergraphSdl },
    { path: config.graph.planLock, content: renderPlanLock(plan) },
  ]
  writeGenerated(files, 'npm run compose', check)
  for (const line of report) console.log(line)
  for (const version of repository.versions) {
    if (version.state === 'refused') console.log(`${version.key} is not ready: ${version.reason}`)
  }
  console.log(`${plan.fields.length} prediction fields`)
}
