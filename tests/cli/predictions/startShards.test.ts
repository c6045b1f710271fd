import { readMeanwhile, startShards } from '../../../cli/predictions/startShards'
import { systemClock } from '../../../lib/clock'
import { LoadError } from '../../../lib/errors'
import { noMetrics } from '../../../lib/metrics'
import { HeldWorker } from '../../support/heldWorker'

const shard = { kind: 'thread', workers: 2, inline: 'never', stallAfter: 2000 } as const
const parts = { clock: systemClock, metrics: noMetrics, log: () => {} }

describe('what is read while shards start', () => {
  it('is read before they are there', async () => {
    const told: string[] = []
    const starting = startShards(
      { main: shard },
      {
        ...parts,
        start: async (id) => {
          await Promise.resolve()
          told.push('started')
          return held(id)
        },
      },
    )
    const read = await readMeanwhile(starting, () => {
      told.push('read')
      return 'all is well'
    })
    expect(read).toBe('all is well')
    expect(told[0]).toBe('read')
    for (const one of (await starting).values()) await one.dispose()
  })

  it('ends them where it is wrong, and only then says so', async () => {
    const workers: HeldWorker[] = []
    const starting = startShards(
      { main: shard },
      {
        ...parts,
        start: async (id) => {
          workers.push(held(id))
          return workers[workers.length - 1]
        },
      },
    )
    const reading = readMeanwhile(starting, () => {
      throw new LoadError(['a rule is wrong'])
    })
    await expect(reading).rejects.toThrow('a rule is wrong')
    expect(workers.map((worker) => worker.disposed)).toEqual([true, true])
  })

  it('says what is wrong in it where they do not start either', async () => {
    const starting = startShards(
      { main: shard },
      { ...parts, start: () => Promise.reject(new Error('no more threads')) },
    )
    const reading = readMeanwhile(starting, () => {
      throw new LoadError(['a rule is wrong'])
    })
    await expect(reading).rejects.toThrow('a rule is wrong')
  })
})

it.each([
  ['one worker where short runs are made on this thread', { inline: 'auto' }, 1],
  ['all where they are not', { inline: 'never' }, 2],
  ['all of processes', { kind: 'process', inline: 'auto' }, 2],
] as const)('starts %s', async (_, options, expected) => {
  const workers: HeldWorker[] = []
  const start = async (id: string) => {
    workers.push(held(id))
    return workers[workers.length - 1]
  }
  const shards = await startShards({ main: { ...shard, ...options } }, { ...parts, start })
  expect(workers).toHaveLength(expected)
  await shards.get('main')?.dispose()
})

function held(id: string): HeldWorker {
  return new HeldWorker(id, async () => {})
}
