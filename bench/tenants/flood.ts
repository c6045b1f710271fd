/**
 * `node flood.js FLOOD URL PER-SECOND ORIGIN`: a tenant that asks so often, whatever comes back, until it is told to stop.
 * Sends `{ url }` once it has begun, and at the end how many requests it has sent and how many were answered.
 */
import { setPriority } from 'node:os'
import type { Origin } from '../origins'
import { outcomeOf } from '../outcome'
import { RawClient } from '../rawClient'
import { seededRandom } from '../seededRandom'
import { floodBody, floods } from './floods'

export interface FloodCounts {
  readonly sent: number
  readonly answered: number
}

const [name, url, perSecond, origin] = process.argv.slice(2)

async function main(): Promise<void> {
  // On a machine of its own it would take no core from the server or the neighbour.
  setPriority(19)
  const { localAddress, headers } = JSON.parse(origin) as Origin
  const client = await RawClient.open(url, 128, localAddress)
  const began = performance.now()
  let sent = 0
  let answered = 0
  const taker = {
    onAnswer({ status, body }: { status: number; body: Buffer }) {
      if (outcomeOf(status, body) === 'answered') answered++
    },
    onFailure() {},
  }
  const random = seededRandom(11)
  // None depends on another, as where many people ask: a Poisson process.
  const gap = () => (-Math.log(1 - random()) * 1000) / Number(perSecond)
  let due = gap()
  const sendDue = () => {
    const now = performance.now() - began
    for (; due <= now; due += gap())
      client.send(client.prepare(floodBody(floods[name], sent++), headers), taker)
  }
  setInterval(sendDue, 1)
  process.send!({ url })
  process.once('message', () => {
    process.send!({ sent, answered } satisfies FloodCounts, () => process.exit(0))
  })
  process.on('disconnect', () => process.exit(0))
}

main()
