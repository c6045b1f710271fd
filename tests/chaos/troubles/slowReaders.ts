import { connect } from 'node:net'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { footprint } from '../stage/footprint'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

const readers = 8
/** As docs/limits.md has it. */
const takeSeconds = 30

export const slowReaders: Trouble = {
  title: `${readers} clients ask for answers of 9 MB and do not read them`,
  async cause(stage) {
    const server = await stage.start()
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const { host, hostname, port } = new URL(server.url)
      const body = JSON.stringify({ query: `{ titles(first: 950) { ${longAliases()} } }` })
      const request = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\nx-forwarded-for: 10.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      const before = footprint(server.pid)
      let most = before.megabytes
      let goneMs = 0
      const begun = performance.now()
      const tally = await client.during(async () => {
        for (let n = 0; n < readers; n++) {
          const socket = connect(Number(port), hostname, () => socket.write(request))
          // One piece is read, so that it is known that the answer has begun.
          socket.once('data', () => socket.pause())
          socket.on('error', () => {})
          stage.atEnd(() => socket.destroy())
        }
        // Whoever does not read is not told either: what the server holds tells.
        await until(() => footprint(server.pid).descriptors >= before.descriptors + readers, {
          withinMs: 10_000,
        })
        await until(
          () => {
            const { megabytes, descriptors } = footprint(server.pid)
            most = Math.max(most, megabytes)
            return descriptors <= before.descriptors + readers / 2
          },
          { everyMs: 100, withinMs: (takeSeconds + 25) * 1000 },
        )
        goneMs = performance.now() - begun
      })
      stage.saw(
        `${inShort(tally)}; cut off after ${Math.round(goneMs / 1000)} s; ${most - before.megabytes} MB more meanwhile`,
      )
      stage.promise('no request of others fails', isAllRight(tally), tally)
      stage.promise('they are given their 30 seconds', goneMs > 20_000, goneMs)
    })
  },
}

function longAliases(): string {
  return Array.from({ length: 198 }, (_, at) => `a_name_that_makes_it_longer_${at}: name`).join(' ')
}
