import { setTimeout as wait } from 'node:timers/promises'
import { origins } from '../../../bench/origins'
import { startNode } from '../../../bench/startProcess'
import { besideClient, failsOnlyWith, inShort } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

export const flood: Trouble = {
  title: 'another client asks on 256 connections for 100 predictions each, again and again',
  async cause(stage) {
    const server = await stage.start()
    const options = { questions: everything, headers: origins.proxy.neighbour.headers }
    await besideClient(stage, server, options, async (client) => {
      const tally = await client.during(async () => {
        const attack = await startNode('bench/attack', ['rows', server.url, 'proxy'])
        await wait(8_000).finally(() => attack.stop())
      })
      stage.saw(inShort(tally))
      const isKept =
        tally.right >= 0.95 * tally.sent && failsOnlyWith(tally, ['OVERLOADED', 'DEADLINE_EXCEEDED'])
      stage.promise('19 of 20 requests of others are answered; the rest is told why not', isKept, tally)
    })
  },
}
