import { MemoryBackend } from '../../../routing/store/memoryStore'
import { RuleStore } from '../../../routing/store/ruleStore'
import { ruleStoreContract } from '../../contracts/ruleStore'

describe('memory', () => {
  ruleStoreContract(async () => {
    const backend = new MemoryBackend()
    return {
      open: async () => new RuleStore(backend),
      empty: async () => backend.empty(),
      loseTexts: async () => backend.loseVersions(),
      async remember() {
        const seen = await backend.readHead()
        const infos = await backend.readInfos()
        const versions = await Promise.all(infos.map(({ number }) => backend.readVersion(number)))
        return async () => {
          backend.empty()
          await backend.commit(
            await backend.readHead(),
            seen.head,
            versions.map((version) => version!),
          )
        }
      },
      close: async () => {},
    }
  })
})
