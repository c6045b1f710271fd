import { loadConfig } from '../../../cli/config/config'
import { checkEndpoint, namedEndpoints } from '../../../cli/doctor/remote'
import { systemClock } from '../../../lib/clock'
import { RemoteWorker } from '../../../workers/remote/remoteWorker'
import { abuseScore, paymentRisk } from '../../contracts/worker'
import { startGraphServer } from '../../support/graphServer'
import { placedFar, writeRemoteConfig } from '../../support/remoteExample'

it('tells what a server of a shard does not serve, and tensors that do not fit, and has it load nothing', async () => {
  const loaded: string[] = []
  const server = await startGraphServer(0, (key) => loaded.push(key))
  const { http } = server.addresses
  const config = loadConfig(writeRemoteConfig([Number(http.split(':')[1])], placedFar('payment-risk')))
  const [endpoint] = namedEndpoints(config)
  const worker = await RemoteWorker.start('test', { address: http, protocol: 'http', clock: systemClock })
  try {
    const some = `${http} is ready and serves 0 of 3 versions with the tensors that they need`
    expect(await checkEndpoint(config, endpoint)).toBe(
      `${some}, and is asked to load payment-risk@1, payment-risk@2, payment-risk@3 when rows need it`,
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
