/**
 * `npm run bench:neighbours [-- --only ATTACK] [--by direct|proxy] [--seconds 20] [--quick]`: what one client's flood costs another. The neighbour asks 50
 * times a second for five titles, by turns alone and beside each attack, on the same server. `--by` says whether the clients have connections of their
 * own, or come through a proxy that names them. A flood that the floors of the bench can answer is sent to them as well; there the neighbour asks as the
 * flood does.
 */

import { attacks } from './attacks'
import { readOptions, runCommand } from './command'
import { median } from './measure'
import { openLoop } from './openLoop'
import { origins } from './origins'
import { percentile } from './percentile'
import { type BenchServer, contestants, floors, startPresage } from './servers'
import { startNode } from './startProcess'

const perSecond = 50
const question = JSON.stringify({ query: '{ titles(first: 5) { id name predictedRating(memberId: "1") } }' })

interface Round {
  readonly p50: number
  readonly p99: number
  readonly lost: number
}

async function main(): Promise<void> {
  const defaults = { only: Object.keys(attacks), by: Object.keys(origins), seconds: 20, quick: false }
  const values = readOptions(defaults)
  const seconds = values.quick ? 5 : values.seconds
  const rounds = values.quick ? 1 : 3
  mustName('--only', values.only, attacks)
  mustName('--by', values.by, origins)
  const table: Record<string, object> = {}
  const server = await startPresage()
  try {
    for (const name of values.only) {
      for (const by of values.by) {
        const title = `${name}, ${by}`
        table[title] = await besideAttack(server, name, by, question, rounds, seconds)
        console.log(title, attacks[name].title, table[title])
      }
    }
  } finally {
    server.stop()
  }
  for (const name of values.only) {
    const { benchCase, body } = attacks[name]
    if (benchCase === undefined) continue
    for (const floor of floors) {
      const floorServer = await contestants[floor](benchCase)
      table[`${name}, ${floor}`] = await besideAttack(floorServer, name, 'direct', body(0), rounds, seconds)
      floorServer.stop()
    }
  }
  console.table(table)
}

async function besideAttack(
  server: BenchServer,
  name: string,
  by: string,
  question: string,
  rounds: number,
  seconds: number,
): Promise<object> {
  const alone: Round[] = []
  const beside: Round[] = []
  await ask(server, by, question, 3)
  for (let number = 0; number < rounds; number++) {
    alone.push(await ask(server, by, question, seconds))
    const attack = await startNode('bench/attack', [name, server.url, by])
    await pause(1000)
    beside.push(await ask(server, by, question, seconds))
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

async function ask(server: BenchServer, by: string, question: string, seconds: number): Promise<Round> {
  const load = { ...origins[by].neighbour, perSecond, seconds, connections: 8, seed: 7 }
  const { sent, outcomes, sinceSent } = await openLoop(server.url, load, () => question)
  return {
    p50: percentile(sinceSent, 0.5),
    p99: percentile(sinceSent, 0.99),
    lost: sent - outcomes.answered,
  }
}

function mustName(option: string, names: readonly string[], known: Readonly<Record<string, unknown>>): void {
  for (const name of names)
    if (known[name] === undefined)
      throw new Error(`${option}: must be one of ${Object.keys(known).join(', ')}, got ${name}`)
}

function middle(all: readonly Round[]): Round {
  const of = (read: (round: Round) => number) => median(all.map(read))
  return { p50: of(({ p50 }) => p50), p99: of(({ p99 }) => p99), lost: of(({ lost }) => lost) }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

runCommand(main)
