import { systemClock } from '../../../lib/clock'
import type { Worker } from '../../../workers/runtime/worker'
import { paymentRisk, workerContract, zeros } from '../../contracts/worker'
import { dial } from '../../support/dialling'
import { freePort } from '../../support/freePort'
import { type GraphServer, startGraphServer } from '../../support/graphServer'

describe.each(['grpc', 'http'] as const)('a worker elsewhere, over %s', (protocol) => {
  let server: GraphServer
  afterEach(() => server.close())

  /** Puts a graph there before the worker is told to load it, as another machine's repository has it. */
  async function start(): Promise<Worker> {
    server = await startGraphServer()
    const worker = await dial({ address: server.addresses[protocol], protocol })
    const load = worker.load.bind(worker)
    worker.load = (key, path, options) => {
      server.put(key, path, options)
      return load(key, path, options)
    }
    return worker
  }

  describe('as every worker', () => {
    workerContract(start, { isElsewhere: true })
  })

  it('is lost when its server ends, and rejects what it had', async () => {
    const worker = await start()
    const lost = new Promise((resolve) => worker.lost(resolve))
    await worker.load('payment-risk@1', paymentRisk)
    await server.close()
    await expect(worker.infer('payment-risk@1', zeros(1, 26))).rejects.toMatchObject({
      code: 'WORKER_LOST',
      rowsSuspected: false,
    })
    await lost
    await worker.dispose()
    server = await startGraphServer()
  })

  it('does not start while its server is not ready, or not there', async () => {
    server = await startGraphServer()
    server.setReady(false)
    const begin = (address: string) => dial({ address, protocol })
    await expect(begin(server.addresses[protocol])).rejects.toThrow('it is not ready')
    await expect(begin(`127.0.0.1:${await freePort()}`)).rejects.toThrow('ECONNREFUSED')
  })

  it('asks for a version by the names that a manifest has for servers elsewhere, else by its own', async () => {
    const worker = await start()
    await worker.load('risk-scorer@7', paymentRisk)
    const first = async (key: string) => {
      const { tensors } = await worker.infer(key, zeros(1, 26))
      return tensors['probability'].data[0]
    }
    await worker.load('payment-risk@1', paymentRisk, { remote: { model: 'risk-scorer', version: '7' } })
    expect(await first('payment-risk@1')).toBeCloseTo(0.645029, 5)
    // A server without versions chooses one.
    await worker.load('payment-risk@2', paymentRisk, { remote: { model: 'risk-scorer', version: '' } })
    expect(await first('payment-risk@2')).toBeCloseTo(0.645029, 5)
    // A Presage worker with the same repository has its own names for it.
    await worker.load('payment-risk@3', paymentRisk, { remote: { model: 'unknown' } })
    expect(await first('payment-risk@3')).toBeCloseTo(0.645029, 5)
    await worker.dispose()
  })

  it('gives up at the deadline, and says so', async () => {
    const worker = await start()
    await worker.load('payment-risk@1', paymentRisk)
    const late = worker.infer('payment-risk@1', zeros(512, 26), systemClock.now() - 1)
    await expect(late).rejects.toMatchObject({ code: 'WORKER_LOST', outcome: 'DEADLINE_EXCEEDED' })
    await worker.dispose()
  })
})
