import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { placedLog } from '../../../cli/config/shards/settingPlaces'
import { startInference } from '../../../cli/worker/startInference'
import { writeSmallVersion, writeWorkerConfig } from '../../support/tensorRepository'
import { load, problemsOf } from '../writtenConfig'

it('lines about settings of shards and the worker have their place, others stay as they are', () => {
  const { file } = load('shards:\n  far:\n    endpoints: ["a:1"]\n    tls:\n      ca: ca.crt\n')
  const lines: string[] = []
  const log = placedLog(file, (line) => lines.push(line))
  log('shards.far.tls.ca: ca.crt: must not have expired')
  log('shard far: none is known')
  expect(lines).toEqual([
    expect.stringMatching(/presage\.yaml:5: shards\.far\.tls\.ca: ca\.crt: must not have expired$/),
    'shard far: none is known',
  ])
})

describe('shards.NAME.tls', () => {
  it('has paths relative to the file; true has none, and false is no TLS', () => {
    const tls = (text: string) => load(`shards: { far: { endpoints: ["a:1"], ${text} } }`).shards['far'].tls
    const { ca, serverName } = tls('tls: { ca: ca.crt, serverName: a.example }')!
    expect(isAbsolute(ca!)).toBe(true)
    expect(ca).toMatch(/\/ca\.crt$/)
    expect(serverName).toBe('a.example')
    expect(tls('tls: true')).toEqual({})
    expect(tls('tls: false')).toBeUndefined()
    expect(tls('')).toBeUndefined()
  })

  it('is refused with half a pair, or a key that it does not know', () => {
    expect(problemsOf('shards: { far: { tls: { cert: a.crt } } }')).toEqual([
      expect.stringMatching(/^shards\.far\.tls\.key: must come with cert, got none$/),
    ])
    expect(problemsOf('shards: { far: { tls: { CA: a.crt } } }')).toEqual([
      expect.stringMatching(/^shards\.far\.tls/),
    ])
  })
})

it('worker.tls needs a certificate and its key', () => {
  const { tls } = load('worker: { tls: { cert: a.crt, key: a.key, clientCa: ca.crt } }').worker
  expect(Object.values(tls!).every((path) => isAbsolute(path!))).toBe(true)
  expect(problemsOf('worker: { tls: { cert: a.crt } }')).toEqual([
    expect.stringMatching(/^worker\.tls\.key: must be text/),
  ])
})

it('a worker whose certificate cannot be read says where the file is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-tls-'))
  writeSmallVersion(folder, 'a', '1')
  const config = writeWorkerConfig(folder, 'worker:\n  tls:\n    cert: no.crt\n    key: no.key\n')
  const line = readFileSync(config, 'utf8').split('\n').indexOf('    cert: no.crt') + 1
  await expect(startInference(loadConfig(config), 'main', {}, () => {})).rejects.toThrow(
    `:${line}: worker.tls.cert: `,
  )
})
