import { AbortableCaller, fairShares } from '../../../lib/request/caller'
import { settle } from '../../support/fakeClock'
import { heldShard } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

class Client extends AbortableCaller {
  constructor(readonly client: string) {
    super()
  }
}

const greedy = new Client('tenant greedy')
const modest = new Client('tenant modest')
const a = 'a@1'
const b = 'b@1'

/** Two models of four rows a batch, one worker, and a clock that moves as long as each run takes. */
async function setUp(ms: Readonly<Record<string, number>> = { [a]: 4, [b]: 4 }) {
  const { submit, workers, clock } = await heldShard([numberModel(a), numberModel(b)])
  const flood = (caller: Client, key: string, batches: number, deadlineMs = 60_000) => {
    for (let n = 0; n < 4 * batches; n++) void submit([n], { key, caller, deadlineMs })
    return settle()
  }
  /** Ends so many runs, one after the other. Returns the models of those that began then. */
  const serve = async (runs: number) => {
    const begun: string[] = []
    for (let n = 0; n < runs; n++) {
      const { last } = workers[0]
      clock.advance(ms[last.key])
      last.answer(undefined, ms[last.key])
      await settle()
      begun.push(workers[0].last.key)
    }
    return begun
  }
  return { submit, workers, flood, serve }
}

describe('rows of several models that wait for the same worker', () => {
  it('of a client that asks little go next, whatever another one has waiting for another model', async () => {
    const { submit, workers, flood, serve } = await setUp()
    await flood(greedy, a, 30)
    await serve(3)
    for (let time = 0; time < 4; time++) {
      void submit([7777], { key: b, caller: modest, deadlineMs: 60_000 })
      await settle()
      expect(await serve(1)).toEqual([b])
      expect(workers[0].last.values).toEqual([7777])
      expect(await serve(3)).toEqual([a, a, a])
    }
  })

  it('are not pushed back by more urgent ones, also where the same client has rows before them', async () => {
    const { submit, workers, flood, serve } = await setUp()
    await flood(greedy, a, 10)
    await flood(greedy, b, 30, 30_000)
    await serve(3)
    void submit([7777], { key: a, caller: modest, deadlineMs: 60_000 })
    await settle()
    expect(await serve(1)).toEqual([a])
    expect(workers[0].last.values).toContain(7777)
    expect(await serve(2)).toEqual([b, b])
  })

  it('get equal time for each client, however long the runs, and nothing for the time when one was away', async () => {
    const { flood, serve } = await setUp({ [a]: 8, [b]: 2 })
    await flood(greedy, a, 30)
    await serve(10)
    await flood(modest, b, 30)
    const begun = await serve(20)
    expect([3, 4]).toContain(begun.filter((key) => key === a).length)
    expect(begun.slice(0, 8)).toContain(a)
  })

  it('get time by the weights of their clients', async () => {
    fairShares.share({ by: 'client', weights: { modest: 3 } })
    try {
      const { flood, serve } = await setUp()
      await flood(greedy, a, 30)
      await flood(modest, b, 30)
      const begun = await serve(16)
      expect(begun.filter((key) => key === b).length).toBeGreaterThanOrEqual(11)
      expect(begun.filter((key) => key === a).length).toBeGreaterThanOrEqual(4)
    } finally {
      fairShares.share({ by: 'client', weights: {} })
    }
  })

  it('of one client go by their deadlines alone', async () => {
    const { flood, serve } = await setUp()
    await flood(greedy, a, 5)
    await flood(greedy, b, 3, 30_000)
    expect(await serve(7)).toEqual([b, b, b, a, a, a, a])
  })
})
