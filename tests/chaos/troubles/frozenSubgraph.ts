import { setTimeout as wait } from 'node:timers/promises'
import { besideClient, failsOnlyWith, inShort, isAllRight } from '../stage/besideClient'
import { Client } from '../stage/client'
import { footprint } from '../stage/footprint'
import { names, ratings } from '../stage/questions'
import { startSplit } from '../stage/split'
import type { Trouble } from '../trouble'

export const frozenSubgraph: Trouble = {
  title: 'SIGSTOP of a subgraph behind the gateway, later SIGCONT',
  async cause(stage) {
    const split = await startSplit(stage, {
      subgraphs: ['catalog', 'recommendations'],
      calls: { recommendations: { timeout: 1_000 } },
    })
    const { gateway } = split
    const other = await Client.start(gateway.url, { questions: names })
    stage.atEnd(() => other.stop())
    await besideClient(stage, gateway, { questions: ratings }, async (client) => {
      const { pid } = split.subgraph('recommendations')
      const from = performance.now()
      const before = footprint(gateway.pid)
      const without = await client.during(async () => {
        process.kill(pid, 'SIGSTOP')
        await wait(5_000)
      })
      const after = footprint(gateway.pid)
      stage.saw(
        `while it stands still: ${inShort(without)}; ${after.descriptors - before.descriptors} descriptors more`,
      )
      const isKept =
        without.sent > without.right && failsOnlyWith(without, ['UPSTREAM_FAILED', 'DEADLINE_EXCEEDED'])
      stage.promise('its fields fail with UPSTREAM_FAILED or DEADLINE_EXCEEDED', isKept, without)
      stage.promise('each within the time of the subgraph, which is 1 s', without.slowestMs < 5_000, without)
      process.kill(pid, 'SIGCONT')
      stage.saw(`right again ${await client.isServed(40_000)} ms after it goes on`)
      const others = await other.between(from, performance.now())
      stage.promise('what others answer goes on', isAllRight(others), others)
    })
  },
}
