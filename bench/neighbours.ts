/**
 * `npm run bench:neighbours [-- --only ATTACK] [--seconds 20] [--quick]`: what one client's flood costs another. The neighbour asks 50 times a
 * second for five titles, by turns alone and beside each attack, on the same server. A flood that the floors of the bench can answer is sent to them
 * as well; there the neighbour asks as the flood does.
 */
import { parseArgs } from 'node:util'
import { attacks, neighbour } from './attacks'
import { median } from './measure'
import { openLoop } from './openLoop'
import { percentile } from './percentile'
import { type BenchServer, contestants, floors, startPresage } from './servers'
import { readPositive } from './settings'
import { startNode } from './startProcess'

const perSecond = 50
const question = JSON.stringify({ query: '{ titles(first: 5) { id name predictedRating(memberId: "1") } }' })

interface Round {
  readonly p50: number
  readonly p99: number
  readonly lost: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: Object.keys(attacks) },
      seconds: { type: 'string', default: '20' },
      quick: { type: 'boolean', default: false },
    },
  })
  const seconds = values.quick ? 5 : readPositive('--seconds', values.seconds)
  const rounds = values.quick ? 1 : 3
  for (const name of values.only) {
    if (attacks[name] === undefined)
      throw new Error(`--only: must be one of ${Object.keys(attacks).join(', ')}, got ${name}`)
  }
  const table: Record<string, object> = {}
  const server = await startPresage()
  try {
    for (const name of values.only) {
      table[name] = await besideAttack(server, name, question, rounds, seconds)
      console.log(name, attacks[name].title, table[name])
    }
  } finally {
    server.stop()
  }
  for (const name of values.only) {
    const { benchCase, body } = attacks[name]
    if (benchCase === undefined) continue
    for (const floor of floors) {
      const floorServer = await contestants[floor](benchCase)
      table[`${name}, ${floor}`] = await besideAttack(floorServer, name, body(0), rounds, seconds)
      floorServer.stop()
    }
  }
  console.table(table)
}

async function besideAttack(
  server: BenchServer,
  name: string,
  question: string,
  rounds: number,
  seconds: number,
): Promise<object> {
  const alone: Round[] = []
  const beside: Round[] = []
  await ask(server, question, 3)
  for (let number = 0; number < rounds; number++) {
    alone.push(await ask(server, question, seconds))
    const attack = await startNode('bench/attack', [name, server.url])
    await pause(1000)
    beside.push(await ask(server, question, seconds))
    attack.stop()
    await pause(1500)
  }
  const [before, now] = [middle(alone), middle(beside)]
  return {
    'p50 alone': before.p50.toFixed(2),
    'p50 beside': now.p50.toFixed(2),
    'p99 alone': before.p99.toFixed(2),
    'p99 beside': now.p99.toFixed(2),
    ratio: (now.p99 / before.p99).toFixed(2),
    lost: now.lost,
  }
}

async function ask(server: BenchServer, question: string, seconds: number): Promise<Round> {
  const load = { perSecond, seconds, headers: neighbour, connections: 8, seed: 7 }
  const { sent, outcomes, sinceSent } = await openLoop(server.url, load, () => question)
  return {
    p50: percentile(sinceSent, 0.5),
    p99: percentile(sinceSent, 0.99),
    lost: sent - outcomes.answered,
  }
}

function middle(all: readonly Round[]): Round {
  const of = (read: (round: Round) => number) => median(all.map(read))
  return { p50: of(({ p50 }) => p50), p99: of(({ p99 }) => p99), lost: of(({ lost }) => lost) }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
