import { PresageError, show } from '../lib/errors'
import { didYouMean } from '../lib/files/nearMiss'
import { requireRole } from '../lib/request/roles'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { PlatformServices } from './services'

/** The `Query` field about what runs models. */
export function shardQueries(services: () => PlatformServices) {
  return {
    shards: (_: unknown, { name }: { name?: string | null }, { request }: SubgraphContext) => {
      requireRole(request, 'viewer')
      const { shards } = services().serving
      if (name != null && !shards.has(name)) {
        const known = [...shards.keys()]
        const message = `name: must be one of ${known.join(', ')}, got ${show(name)}${didYouMean(name, known)}`
        throw new PresageError('BAD_USER_INPUT', message)
      }
      return [...shards.values()].filter((shard) => name == null || shard.name === name).map(describe)
    },
  }
}

function describe({ name, status }: ReturnType<PlatformServices['serving']['shards']['get']> & object) {
  const { workers, queues } = status()
  return {
    name,
    workers: workers.map((worker) => ({
      ...worker,
      kind: worker.kind.toUpperCase(),
      state: worker.state.toUpperCase(),
    })),
    versions: queues.map(({ key, waitingRows }) => ({
      model: key,
      copies: workers.filter(({ versions }) => versions.includes(key)).length,
      waitingRows,
    })),
  }
}
