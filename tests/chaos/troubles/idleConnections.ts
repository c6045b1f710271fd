import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { footprint } from '../stage/footprint'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

const connections = 5_000

export const idleConnections: Trouble = {
  title: '5,000 connections that say nothing',
  async cause(stage) {
    const server = await stage.start(undefined, { limits: ['--nofile=8192'] })
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const sockets: Socket[] = []
      const before = footprint(server.pid)
      const { hostname, port } = new URL(server.url)
      const opening = await client.during(async () => {
        for (let n = 0; n < connections; n++) {
          const socket = connect(Number(port), hostname).on('error', () => {})
          sockets.push(socket)
          await once(socket, 'connect')
        }
      })
      const open = await client.during(() => wait(3_000))
      const { descriptors, megabytes } = footprint(server.pid)
      stage.saw(
        `opening: ${inShort(opening)}; open: ${inShort(open)}; ${megabytes - before.megabytes} MB more`,
      )
      stage.promise('all are taken', descriptors >= connections, descriptors)
      stage.promise('no request fails', isAllRight(opening) && isAllRight(open), { opening, open })
      stage.promise('they take less than 40 KB each', megabytes - before.megabytes < 200, megabytes)
      for (const socket of sockets) socket.destroy()
    })
  },
}
