import { AbortableCaller } from '../../../lib/request/caller'
import { settle } from '../../support/fakeClock'
import { heldShard } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'

class Client extends AbortableCaller {
  constructor(readonly client: string) {
    super()
  }
}

const greedy = new Client('greedy')
const modest = new Client('modest')
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('rows of several clients that wait for one version', () => {
  it('go by turns, so that the few of one client do not wait for the many of another', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 100 })], { workers: 1 })
    void submit(upTo(100), { caller: greedy })
    await settle()
    for (let n = 0; n < 20; n++) void submit(upTo(100), { caller: greedy })
    void submit([7777], { caller: modest })
    await settle()
    workers[0].last.answer()
    await settle()
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches.slice(1, 3).flat()).toContain(7777)
  })

  it('are not pushed back by a client that asks for more urgent ones', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 100 })], { workers: 1 })
    void submit([0])
    await settle()
    void submit([7777], { caller: modest, deadlineMs: 900 })
    for (let n = 0; n < 20; n++) void submit(upTo(100), { caller: greedy, deadlineMs: 500 })
    await settle()
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches[1]).toContain(7777)
  })

  it('of one client, the most urgent go first', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 1 })], { workers: 1 })
    void submit([0])
    await settle()
    void submit([1], { caller: modest, deadlineMs: 900 })
    void submit([2], { caller: modest, deadlineMs: 500 })
    await settle()
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches[1]).toEqual([2])
  })

  it('have their part of a queue that another client has filled', async () => {
    const { submit, workers } = await heldShard([numberModel('number@1', { maxRows: 512 })], {
      maxQueueRows: 100,
    })
    void submit([0])
    await settle()
    void submit(upTo(100), { caller: greedy })
    await expect(submit([1], { caller: greedy })).rejects.toMatchObject({ code: 'OVERLOADED' })
    const answer = submit(upTo(50), { caller: modest })
    await expect(submit([1], { caller: modest })).rejects.toMatchObject({ code: 'OVERLOADED' })
    await settle()
    workers[0].last.answer()
    await settle()
    workers[0].last.answer()
    await settle()
    expect(workers[0].batches.slice(1).flat()).toHaveLength(150)
    expect((await answer).map(({ error }) => error)).toEqual([undefined])
  })
})
