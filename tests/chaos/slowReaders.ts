import { connect } from 'node:net'
import { until } from '../support/until'
import { besideClient, inShort, isAllRight } from './besideClient'
import { footprint } from './footprint'
import { everything } from './questions'
import type { Trouble } from './trouble'

const readers = 8
/** As docs/operations.md has it. */
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
      let first = Number.POSITIVE_INFINITY
      let gone = 0
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
            gone = readers - Math.max(0, descriptors - before.descriptors - 4)
            if (gone > 0) first = Math.min(first, performance.now() - begun)
            return gone >= readers
          },
          { everyMs: 100, withinMs: (takeSeconds + 25) * 1000 },
        )
      })
      stage.saw(
        `${inShort(tally)}; cut off after ${Math.round(first / 1000)} s; ${most - before.megabytes} MB more meanwhile`,
      )
      stage.promise('no request of others fails', isAllRight(tally), tally)
      stage.promise('nobody is cut off at once', first > 20_000, first)
    })
  },
}

function longAliases(): string {
  return Array.from({ length: 198 }, (_, at) => `a_name_that_makes_it_longer_${at}: name`).join(' ')
}
