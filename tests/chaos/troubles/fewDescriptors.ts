import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { cpuSecondsOf } from '../../../bench/processTree'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

const connections = 200
const seconds = 3

export const fewDescriptors: Trouble = {
  title: 'a process that may have 64 descriptors, and 200 connections',
  isShort: true,
  async cause(stage) {
    const server = await stage.start(undefined, { limits: ['--nofile=64:64'] })
    // One, which is open before the others come: whoever comes later may be refused.
    const options = { questions: everything, connections: 1 }
    await besideClient(stage, server, options, async (client) => {
      const sockets: Socket[] = []
      let refused = 0
      const [begun, before] = [performance.now(), cpuSecondsOf([server.pid])]
      const tally = await client.during(async () => {
        const { hostname, port } = new URL(server.url)
        for (let n = 0; n < connections; n++) {
          const socket = connect(Number(port), hostname)
          socket.on('error', () => {}).on('close', () => refused++)
          sockets.push(socket)
        }
        await wait(seconds * 1000)
      })
      const share = (cpuSecondsOf([server.pid]) - before) / ((performance.now() - begun) / 1000)
      stage.saw(
        `${inShort(tally)}; ${refused} of ${connections} closed; ${Math.round(share * 100)} % of a core`,
      )
      stage.promise('those that are served go on', isAllRight(tally), tally)
      stage.promise('it does not spin', share < 0.8, share)
      for (const socket of sockets) socket.destroy()
    })
  },
}
