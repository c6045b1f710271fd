/**
 * `npm run bench:model-load [-- --quick]`: what clients of one model notice while versions come and go. The example service under two
 * steady loads by turns, into whose watched repository a version is copied: of the model that is asked, or of another with a large
 * graph. Latency while nothing happens, while it comes, and while workers are renewed after it was removed. `--quick` makes
 * rounds fewer, and saves nothing.
 */

import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { writeConfig } from '../tests/support/serverProcess'
import { cases } from './cases'
import { readOptions, runCommand } from './command'
import { bodies } from './measure'
import { type Phases, runPhases } from './modelLoadPhases'
import { ModelLoadRepository } from './modelLoadRepository'
import { AnswerTimes, printTold, told } from './modelLoadResult'
import { readOrigin } from './origin'
import { saveBench } from './saveResults'
import { startPresage } from './servers'
import { full } from './settings'
import { type Answered, closedLoad, type SteadyLoad, steadyLoad } from './steadyLoad'
import { stopped } from './stopped'

const workers = 2
const benchCase = cases.find(({ name }) => name === 'titles-100')!
const perSecond = 400
const { clients } = full

const calmSeconds = 2
/** Before the first window: compiles what is asked, opens connections. */
const warmSeconds = { first: 6, later: 0.5 }

type Start = (url: string, body: (n: number) => string, onAnswer: (answered: Answered) => void) => SteadyLoad

/** A fraction of what the server can do, and all of it as in the cases of `npm run bench`. */
const loads: Readonly<Record<string, Start>> = {
  [`${perSecond} requests/s`]: (url, body, onAnswer) => steadyLoad(url, perSecond, body, onAnswer),
  [`${clients} clients`]: (url, body, onAnswer) => closedLoad(url, clients, body, onAnswer),
}

/** What is copied, by turns. */
const arrivals: Readonly<Record<string, string>> = {
  'another version of the same model': 'rating-predictor@4',
  'a version of another model': 'title-search@2',
}

/** What is gathered of one load. */
class Gathered {
  readonly times = new AnswerTimes()
  readonly phases = new Map<string, Phases[]>(Object.keys(arrivals).map((name) => [name, []]))
}

async function main(): Promise<void> {
  const values = readOptions({ quick: false })
  const origin = readOrigin()
  const rounds = values.quick ? 1 : 5
  const gathered = new Map(Object.keys(loads).map((name) => [name, new Gathered()]))
  await gather(rounds, gathered)
  const results = Object.fromEntries(
    [...gathered].map(([load, { times, phases }]) => [
      load,
      {
        requests: times.count,
        arrivals: Object.fromEntries([...phases].map(([name, all]) => [name, told(all, times)])),
      },
    ]),
  )
  for (const [load, result] of Object.entries(results))
    for (const [name, of] of Object.entries(result.arrivals))
      printTold(`${name}: ${arrivals[name]} again, ${benchCase.name} by ${load}`, of)
  const settings = { case: benchCase.name, perSecond, clients, workers, rounds, calmSeconds, arrivals }
  if (!values.quick) saveBench(origin, 'model-load', { settings, results })
}

/** Loads one server, by turns, and has each version come and go under each load. Throws if a request failed. */
async function gather(rounds: number, gathered: ReadonlyMap<string, Gathered>): Promise<void> {
  const repository = new ModelLoadRepository()
  const config = writeConfig(({ shards, repositories }) => ({
    repositories: [...repositories.slice(0, 1), repository.root],
    models: { watch: true, poll: 60_000 },
    shards: { main: { ...shards.main, workers } },
  }))
  const server = await startPresage(undefined, config)
  const question = bodies(benchCase, 1)
  let asked = 0
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [load, { times, phases }] of gathered) {
        // None is asked twice.
        const steady = loads[load](
          server.url,
          () => question(asked++),
          (answer) => times.add(answer),
        )
        await wait((round === 0 ? warmSeconds.first : warmSeconds.later) * 1000)
        for (const [name, version] of Object.entries(arrivals)) {
          phases.get(name)?.push(await runPhases({ server, repository }, version, calmSeconds))
        }
        await steady.stop()
        if (times.problem !== undefined) throw new Error(`no request may fail, got ${times.problem}`)
      }
    }
  } finally {
    await stopped(server)
    repository.dispose()
    rmSync(dirname(config), { recursive: true })
  }
}

runCommand(main)
