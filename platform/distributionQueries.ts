import type { OutputDistribution } from '../serving/distributions/outputDistributions'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import { forRole } from './forRole'
import type { PlatformServices } from './services'

interface DistributionArguments {
  readonly objective?: string | null
  readonly model?: string | null
}

/** The `Query` field that shows what versions answer. */
export function distributionQueries(services: () => PlatformServices) {
  return {
    outputDistributions: forRole('viewer', ({ objective, model }: DistributionArguments) =>
      services().distributions.look(objective ?? undefined, model ?? undefined),
    ),
  }
}

/** Text may repeat what clients sent, so it needs a higher role than figures and labels. */
export const outputDistribution = {
  values: ({ kind, values }: OutputDistribution, _args: unknown, { request }: SubgraphContext) =>
    kind === 'String' && !request.roles.includes('researcher') ? null : values,
}
