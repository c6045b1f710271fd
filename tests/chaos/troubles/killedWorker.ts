import { readCounter } from '../../support/example'
import { until } from '../../support/until'
import { besideClient, failsOnlyWith, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

export const killedWorker: Trouble = {
  title: 'SIGKILL of one worker process, then of all',
  async cause(stage) {
    const server = await stage.start(() => ({
      shards: { main: { kind: 'process', workers: 2, stallAfter: 2_000 } },
    }))
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const kill = async (victims: readonly number[]) => {
        for (const victim of victims) process.kill(victim, 'SIGKILL')
        const areReplaced = () => {
          const now = server.children()
          return now.length === 2 && !victims.some((victim) => now.includes(victim))
        }
        await until(areReplaced)
        await client.isServed(40_000)
      }
      const one = await client.during(() => kill(server.children().slice(0, 1)))
      stage.saw(`one: ${inShort(one)}`)
      stage.promise('one of two workers costs no request', isAllRight(one), one)

      const all = await client.during(() => kill(server.children()))
      stage.saw(`all: ${inShort(all)}`)
      const isKept = failsOnlyWith(all, ['WORKER_LOST', 'DEADLINE_EXCEEDED', 'OVERLOADED'])
      stage.promise('without workers requests fail with the codes of that', isKept, all)
      stage.promise('and within their time', all.slowestMs < 22_000, all)
      const lost = await readCounter(server.url.replace('/graphql', '/metrics'), 'presage_workers_lost_total')
      stage.promise('presage_workers_lost_total counts them', lost === 3, lost)
    })
  },
}
