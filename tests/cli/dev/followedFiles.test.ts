import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FollowedFiles } from '../../../cli/dev/followedFiles'
import { until } from '../../support/until'

it.each([0, 200])(
  'a missing file that is created after %i ms, and then deleted, has changed twice',
  async (ms) => {
    const file = join(mkdtempSync(join(tmpdir(), 'presage-followed-')), 'docs.json')
    let changes = 0
    const files = new FollowedFiles(() => changes++)
    try {
      files.follow([file])
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
      writeFileSync(file, '{}')
      await until(() => changes > 0)
      const before = changes
      rmSync(file)
      await until(() => changes > before)
    } finally {
      files.stop()
    }
  },
)
