import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

export const frozenWorker: Trouble = {
  title: 'SIGSTOP of one of two worker processes',
  async cause(stage) {
    const server = await stage.start(() => ({
      shards: { main: { kind: 'process', workers: 2, stallAfter: 1_000 } },
    }))
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const [victim] = server.children()
      const tally = await client.during(async () => {
        process.kill(victim, 'SIGSTOP')
        const isReplaced = () => server.children().length === 2 && !server.children().includes(victim)
        await until(isReplaced, { withinMs: 20_000 })
      })
      stage.saw(inShort(tally))
      stage.promise('no request fails', isAllRight(tally), tally)
      stage.promise('a line says why it was ended', /no reply to \w+ within 1000 ms/.test(server.stderr()))
    })
  },
}
