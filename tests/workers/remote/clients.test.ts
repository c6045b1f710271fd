import { RequestCaller } from '../../../inference/requestCaller'
import { systemClock } from '../../../lib/clock'
import { AbortableCaller } from '../../../lib/request/caller'
import { clientParameter } from '../../../workers/protocol/parameters'
import { createShard } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { untilJoined } from '../../support/dialling'
import { startGraphServer } from '../../support/graphServer'
import { paymentRiskModel } from '../../support/paymentRiskModel'

class Client extends AbortableCaller {
  constructor(readonly client: string) {
    super()
  }
}

const key = 'payment-risk@1'

it.each(['http', 'grpc'] as const)(
  'over %s, a server hears for whom a batch is, if it is for one client',
  async (protocol) => {
    const server = await startGraphServer()
    server.put(key, paymentRisk)
    const remote = { endpoints: [server.addresses[protocol]], protocol }
    const shard = await createShard({ name: 'far', kind: 'thread', workers: 1, remote })
    const model = paymentRiskModel()
    try {
      await untilJoined(shard)
      await shard.load(key, paymentRisk)
      shard.serve(model)
      await shard.remote?.verify(model, async () => {})
      const ask = async (...clients: string[]) => {
        const deadline = systemClock.now() + 30_000
        const all = clients.map((client) =>
          shard.submit(key, [[0]], 1, { deadline, caller: new Client(client) }),
        )
        const [[segment]] = await Promise.all(all)
        expect(segment).toMatchObject({ run: { rows: clients.length } })
        return server.clients.at(-1)
      }
      expect(await ask('tenant acme', 'tenant acme')).toBe('tenant acme')
      expect(await ask('tenant acme', 'tenant other')).toMatch(/^address .*127\.0\.0\.1$/)
    } finally {
      await shard.dispose()
      await server.close()
    }
  },
)

it('only those that are trusted are believed', () => {
  const inFlight = { count: 0, isTrusted: (address: string) => address === '10.0.0.1' }
  const asked = (address: string, client: string | number) => {
    const caller = new RequestCaller(inFlight, address)
    const parameters = { [clientParameter]: client }
    caller.asks({ model: 'm', version: '', id: '', parameters, inputs: [], outputs: [] })
    return caller.client
  }
  expect(asked('10.0.0.1', 'tenant acme')).toBe('tenant acme')
  expect(asked('10.0.0.2', 'tenant acme')).toBe('address 10.0.0.2')
  expect(asked('10.0.0.1', 7)).toBe('address 10.0.0.1')
})
