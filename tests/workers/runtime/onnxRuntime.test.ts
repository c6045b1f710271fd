import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { runPresageSync } from '../../support/presageCommand'

it('sends no telemetry: that keeps an id of the machine in the home folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'presage-home-'))
  const config = join(packageRoot, 'examples/own-repository/presage.yaml')
  try {
    const environment = { HOME: home, XDG_CACHE_HOME: '' }
    expect(runPresageSync(['--config', config, 'models', 'check'], { environment })).toMatchObject({
      code: 0,
    })
    expect(readdirSync(home)).toEqual([])
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
