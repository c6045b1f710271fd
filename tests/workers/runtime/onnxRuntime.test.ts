import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { findRuntime, runtimePackage } from '../../../workers/runtime/onnxRuntime'
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

it('is where install-runtime says, also as JSON', () => {
  const { code, out } = runPresageSync(['install-runtime', '--json'])
  expect({ code, ...JSON.parse(out) }).toEqual({ code: 0, folder: findRuntime() })
})

it('says that this user may not read it, instead of that there is none', () => {
  const file = join(packageRoot, 'node_modules/.cache/package.json')
  const { readFileSync } = fs
  const read = jest.spyOn(fs, 'readFileSync').mockImplementation((path, ...options) => {
    // Jest itself may read what it has not needed before.
    if (!String(path).endsWith('onnxruntime-node/package.json')) return readFileSync(path, ...options)
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: file })
  })
  try {
    expect(findRuntime).toThrow(
      `onnxruntime-node ${runtimePackage.version}: must be readable for this user, got EACCES for node_modules/.cache/package.json`,
    )
  } finally {
    read.mockRestore()
  }
})
