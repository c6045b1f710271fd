import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileStore } from '../../routing/store/fileStore'
import { ruleStoreContract } from '../contracts/ruleStore'

describe('files', () => {
  ruleStoreContract(async () => {
    const root = await mkdtemp(join(tmpdir(), 'presage-rules-'))
    const folder = join(root, 'store')
    const empty = async () => {
      for (const name of await readdir(folder)) {
        for (const file of await readdir(join(folder, name))) await rm(join(folder, name, file))
      }
    }
    return {
      open: () => openFileStore({ folder }),
      empty,
      async remember() {
        await cp(folder, join(root, 'before'), { recursive: true })
        return async () => {
          await empty()
          await cp(join(root, 'before'), folder, { recursive: true })
        }
      },
      close: () => rm(root, { recursive: true }),
    }
  })
})
