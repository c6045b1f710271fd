import { createRepositoryControl } from '../../inference/repositoryControl'
import { ModelRegistry, type VersionStatus } from '../../serving/repository/modelRegistry'

it('a version is unloaded without waiting for another one of its model that still loads', async () => {
  const registry = new ModelRegistry()
  const set = (version: string, state: VersionStatus['state']) =>
    registry.set({ key: `m@${version}`, name: 'm', version, shards: ['main'], state })
  set('1', { is: 'unloaded', onDemand: true })
  set('2', { is: 'loading' })
  const evicted: string[] = []
  const control = createRepositoryControl({
    repository: {
      versions: ['1', '2'].map((version) => ({
        ...{ state: 'refused', key: `m@${version}`, name: 'm', version, directory: version },
        ...{ reason: '', problems: [] },
      })),
    },
    registry,
    library: { evict: async (keys) => void evicted.push(...keys) },
    memory: { load: async () => {}, leave: async () => {} },
    tensorsOf: () => undefined,
  })
  const unloaded = control.unload('m')
  await new Promise((resolve) => setImmediate(resolve))
  expect(evicted).toEqual(['m@1'])
  set('2', { is: 'refused', reason: '' })
  await unloaded
  expect(evicted).toEqual(['m@1', 'm@2'])
})
