import { setTimeout as wait } from 'node:timers/promises'
import { besideClient, failsOnlyWith, inShort, isAllRight } from '../stage/besideClient'
import { Client } from '../stage/client'
import { names, ratings } from '../stage/questions'
import { startSplit } from '../stage/split'
import type { Trouble } from '../trouble'

export const killedSubgraph: Trouble = {
  title: 'SIGKILL of a subgraph behind the gateway; started again at the same address',
  async cause(stage) {
    const split = await startSplit(stage, {
      subgraphs: ['catalog', 'recommendations'],
      calls: { recommendations: { timeout: 1_000 } },
    })
    const { gateway } = split
    const other = await Client.start(gateway.url, { questions: names })
    stage.atEnd(() => other.stop())
    await besideClient(stage, gateway, { questions: ratings }, async (client) => {
      const from = performance.now()
      const without = await client.during(async () => {
        await split.subgraph('recommendations').stop('SIGKILL')
        await wait(3_000)
      })
      stage.saw(`without it: ${inShort(without)}`)
      const isKept = without.sent > without.right && failsOnlyWith(without, ['UPSTREAM_FAILED'])
      stage.promise('its fields fail with UPSTREAM_FAILED', isKept, without)
      await split.restart('recommendations')
      stage.saw(`right again ${await client.isServed(40_000)} ms after it is back`)
      const others = await other.between(from, performance.now())
      stage.promise('what others answer goes on', isAllRight(others), others)
    })
  },
}
