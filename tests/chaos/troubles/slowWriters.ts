import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

const each = 100
const heads = 'POST /graphql HTTP/1.1\r\nhost: a\r\n'
const bodies = `${heads}content-type: application/json\r\ncontent-length: 5000\r\n\r\n{`
/** Longer than the 30 s that a client has to send. */
const longestMs = 45_000

export const slowWriters: Trouble = {
  title: `${2 * each} clients send headers or bodies a byte a second`,
  async cause(stage) {
    const server = await stage.start()
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const { hostname, port } = new URL(server.url)
      const answers: Promise<string>[] = []
      const sockets: Socket[] = []
      for (let n = 0; n < 2 * each; n++) {
        const socket = connect(Number(port), hostname, () => socket.write(n < each ? heads : bodies))
        sockets.push(socket)
        answers.push(answerOf(socket))
      }
      const timer = setInterval(() => {
        for (const [n, socket] of sockets.entries()) if (socket.writable) socket.write(n < each ? 'x' : ' ')
      }, 1_000)
      stage.atEnd(() => {
        clearInterval(timer)
        for (const socket of sockets) socket.destroy()
      })
      let ended: readonly string[] = []
      const tally = await client.during(async () => {
        ended = (await Promise.race([Promise.all(answers), wait(longestMs, [] as string[])])) as string[]
      })
      clearInterval(timer)
      const cut = ended.filter((answer) => answer.startsWith('HTTP/1.1 408'))
      stage.saw(`${inShort(tally)}; ${cut.length} of ${2 * each} told 408`)
      stage.promise('no request of others fails', isAllRight(tally), tally)
      stage.promise('all are cut off with 408', cut.length === 2 * each, ended.slice(0, 3))
    })
  },
}

/** What comes until the connection ends. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}
