import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { checkEndpoint, namedEndpoints } from '../../../cli/doctor/remote'
import { startInference } from '../../../cli/worker/startInference'
import { systemClock } from '../../../lib/clock'
import { RemoteWorker } from '../../../workers/remote/remoteWorker'
import { abuseScore, paymentRisk } from '../../contracts/worker'
import { startGraphServer } from '../../support/graphServer'
import { runPresage } from '../../support/presageCommand'
import { placedFar, writeRemoteConfig } from '../../support/remoteExample'
import { writeSmallVersion, writeWorkerConfig } from '../../support/tensorRepository'

it('tells what a server of a shard does not serve, and tensors that do not fit, and has it load nothing', async () => {
  const loaded: string[] = []
  const server = await startGraphServer(0, (key) => loaded.push(key))
  const { http } = server.addresses
  const config = loadConfig(writeRemoteConfig([Number(http.split(':')[1])], placedFar('payment-risk')))
  const [endpoint] = namedEndpoints(config)
  const worker = await RemoteWorker.start('test', {
    address: http,
    protocol: 'http',
    clock: systemClock,
    readyMs: 60_000,
  })
  try {
    const some = `${http} is ready and serves 0 of 3 versions with the tensors that they need`
    expect(await checkEndpoint(config, endpoint)).toBe(
      `${some}; its repositories lack payment-risk@1, payment-risk@2, payment-risk@3`,
    )
    expect(loaded).toEqual([])
    server.put('payment-risk@3', abuseScore)
    await worker.load('payment-risk@3', paymentRisk)
    await expect(checkEndpoint(config, endpoint)).rejects.toThrow(
      /presage\.yaml:\d+: shards\.far\.endpoints\.0: \S+: tensors of payment-risk@3: input features of the graph: must be 57 wide/,
    )
  } finally {
    await worker.dispose()
    await server.close()
  }
})

it('names a worker whose files of a version are others, and versions that its repositories lack', async () => {
  const [here, there] = [0, 1].map((answer) => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-files-'))
    // Both pass their own golden cases.
    writeSmallVersion(folder, 'differs', '1', answer === 0 ? { 1: 0 } : { 2: 0 })
    writeSmallVersion(folder, 'same', '1', 0)
    return folder
  })
  writeSmallVersion(here, 'new', '1', 0)
  const worker = await startInference(
    loadConfig(writeWorkerConfig(there, '')),
    'main',
    { httpPort: 0, grpcPort: 0 },
    () => {},
  )
  try {
    await worker.loaded
    const address = worker.url.replace('http://', '')
    const file = writeWorkerConfig(here, `shards: { main: { endpoints: ["${address}"] } }\n`)
    const config = loadConfig(file)
    const status = async () => {
      const { code, out } = await runPresage(['--config', file, 'shards', 'status', '--json'])
      return { code, servers: JSON.parse(out)[0].servers }
    }
    await expect(checkEndpoint(config, namedEndpoints(config)[0])).rejects.toThrow(
      /: must have the files of differs@1 that the repositories here have, got others$/,
    )
    expect(await status()).toMatchObject({
      code: 1,
      servers: [{ problem: null, otherFiles: ['differs@1'] }],
    })
    writeSmallVersion(here, 'differs', '1', { 2: 0 })
    expect(await checkEndpoint(config, namedEndpoints(config)[0])).toMatch(
      /serves 2 of 3 versions with the tensors that they need; its repositories lack new@1$/,
    )
    expect(await status()).toMatchObject({
      code: 0,
      servers: [{ problem: null, otherFiles: [] }],
    })
  } finally {
    await worker.close()
  }
})
