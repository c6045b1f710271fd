/**
 * `npm run bench:activation [-- --quick]`: how soon a rule set that is activated is what clients are answered by. Four serving processes on one
 * Redis, each under a steady load, are flipped between two rule sets that send an objective to different models; each process is asked until
 * its answers are the new model's. `--quick` flips less often, and saves nothing.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { ActivationAnswers } from './activationAnswers'
import { type ActivationNodes, startNodes } from './activationNodes'
import { ActivationWatch, type Turn } from './activationWatch'
import { readOptions, runCommand } from './command'
import { readOrigin } from './origin'
import { saveBench } from './saveResults'
import { type Spread, spreadOf } from './spread'

const processes = 4

/** Requests a second to each process, of two fetches with predictions each. */
const perSecond = 75

/** Milliseconds before the next flip, at random: so that flips meet the processes in all moments of their second. */
const leastPause = 50
const mostPause = 150

interface Flip {
  readonly calledAt: number
  readonly returnedAt: number
  readonly turns: readonly Turn[]
}

async function main(): Promise<void> {
  const values = readOptions({ quick: false })
  const origin = readOrigin()
  const nodes = await startNodes(processes)
  try {
    const answers = await ActivationAnswers.learn(nodes)
    const watches = nodes.servers.map((server) => new ActivationWatch(server, perSecond, answers))
    await wait(4_000) // warms the code
    const flips = await flipped(nodes, watches, values.quick ? 20 : 200)
    await Promise.all(watches.map((watch) => watch.stop()))
    const result = { settings: { processes, perSecond, flips: flips.length }, ...told(flips, watches) }
    print(result)
    if (!values.quick) saveBench(origin, 'activation', result)
    const { failed, mixed, late } = result
    if (failed + mixed + late > 0) {
      throw new Error(
        `no answer may fail or be wrong, got ${failed} failed, ${mixed} mixed and ${late} late ones`,
      )
    }
  } finally {
    await nodes.stop()
  }
}

async function flipped(
  { store }: ActivationNodes,
  watches: readonly ActivationWatch[],
  count: number,
): Promise<readonly Flip[]> {
  const flips: Flip[] = []
  for (let flip = 0; flip < count; flip++) {
    await wait(leastPause + Math.random() * (mostPause - leastPause))
    const number = 2 - (flip % 2)
    const turning = Promise.all(watches.map((watch) => watch.turnTo(number)))
    // What keeps the version from being activated is the error to be told, not that nobody turns to it.
    turning.catch(() => {})
    const calledAt = performance.now()
    const outcome = await store.activate(number, { expected: 3 - number, by: 'bench' })
    const returnedAt = performance.now()
    if (outcome.kind !== 'activated') {
      throw new Error(`version ${number} must be activated, got ${JSON.stringify(outcome)}`)
    }
    flips.push({ calledAt, returnedAt, turns: await turning })
  }
  return flips
}

/** Milliseconds over all flips and processes. */
interface Told {
  /** The call itself, over all flips: the nodes' reports are read, the pointer is flipped and on disk. */
  readonly activate: Spread
  /** From the call until an answer by the new version was here. */
  readonly answered: Spread
  /** The same from when the call had returned; below 0 where the process was quicker than that. */
  readonly answeredAfterReturn: Spread
  /** From the call until the last question was sent that was still answered by the old version. */
  readonly notBefore: Spread
  /** From the call until the process's own line about it was here. */
  readonly said: Spread
  readonly requests: number
  readonly failed: number
  readonly mixed: number
  readonly late: number
}

function told(flips: readonly Flip[], watches: readonly ActivationWatch[]): Told {
  const each = (measure: (turn: Turn, flip: Flip) => number) =>
    spreadOf(flips.flatMap((flip) => flip.turns.map((turn) => measure(turn, flip))))
  const sum = (count: (watch: ActivationWatch) => number) =>
    watches.reduce((total, watch) => total + count(watch), 0)
  for (const failure of new Set(watches.flatMap(({ failures }) => failures))) console.error(failure)
  return {
    activate: spreadOf(flips.map(({ calledAt, returnedAt }) => returnedAt - calledAt)),
    answered: each(({ answeredAt }, { calledAt }) => answeredAt! - calledAt),
    answeredAfterReturn: each(({ answeredAt }, { returnedAt }) => answeredAt! - returnedAt),
    notBefore: each(({ notBefore }, { calledAt }) => Math.max(0, notBefore - calledAt)),
    said: each(({ saidAt }, { calledAt }) => saidAt! - calledAt),
    requests: sum(({ answered }) => answered),
    failed: sum(({ failures }) => failures.length),
    mixed: sum(({ mixed }) => mixed),
    late: sum(({ late }) => late),
  }
}

function print({ settings, ...result }: Told & { readonly settings: { readonly flips: number } }): void {
  const line = (name: string, { p50, p99, max }: Spread) => {
    const figures = [p50, p99, max].map((ms) => ms.toFixed(1).padStart(7))
    console.log(`  ${name.padEnd(44)} p50${figures[0]}  p99${figures[1]}  max${figures[2]} ms`)
  }
  console.log(`${settings.flips} activations, ${processes} processes, ${perSecond} requests/s each`)
  line('activate itself', result.activate)
  line('called until answered by the new version', result.answered)
  line('  last question answered by the old one', result.notBefore)
  line('  the process says so', result.said)
  line('returned until answered by the new version', result.answeredAfterReturn)
  const { requests, failed, mixed, late } = result
  console.log(
    `  ${requests} requests: ${failed} failed, ${mixed} mixed, ${late} by the old version after the new\n`,
  )
}

runCommand(main)
