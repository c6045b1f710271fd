/**
 * `npm run bench:fleet [-- --quick] [-- --seed 1]`: a fleet of 1,000 servers under a million requests a second, simulated
 * on the production code of remote shards. What becomes of requests in each trouble, and what gives way as load rises.
 */
import { readOptions, runCommand } from '../command'
import type { FleetOptions } from './fleet'
import { cell, cells, mesh } from './settings'
import { runTrial, type Trial } from './trial'
import { calm, troubles } from './troubles'

/** Load breaks the fleet when fewer requests than this share are answered in time. */
const leastGoodput = 0.999

async function main(): Promise<void> {
  const { seed, quick } = readOptions({ seed: 1, quick: false })
  const fleet = `${cells * cell.servers} servers, ${cells * cell.gateways} gateways, ${cells * cell.requestsPerSecond} requests/s`
  process.stdout.write(`${fleet}: one of ${cells} equal cells\n`)
  const table: Record<string, object> = {}
  for (const trouble of troubles) table[trouble.name] = rowOf(await runTrial(cell, trouble, seed))
  console.table(table)
  if (quick) return
  process.stdout.write('more load, until a request in a thousand is not answered in time\n')
  console.table(await sweep(seed, 0.1, (load) => scaled(load, cell.gateways)))
  process.stdout.write('the same with as many gateways as it needs\n')
  console.table(await sweep(seed, 1, (load) => scaled(load, Math.ceil(cell.gateways * load))))
  process.stdout.write('every gateway asks every shard, and one version gets all requests of its shard\n')
  const meshes: Record<string, object> = {}
  for (const calls of [8, 1])
    meshes[`calls: ${calls}`] = rowOf(await runTrial({ ...mesh, calls }, calm(5_000), seed))
  console.table(meshes)
}

async function sweep(
  seed: number,
  step: number,
  fleetFor: (load: number) => FleetOptions,
): Promise<Record<string, object>> {
  const table: Record<string, object> = {}
  for (let load = 1; ; load += step) {
    const trial = await runTrial(fleetFor(load), calm(3_000), seed)
    table[`${load.toFixed(1)} times`] = rowOf(trial)
    if (trial.goodput < leastGoodput) return table
  }
}

function scaled(load: number, gateways: number): FleetOptions {
  return { ...cell, gateways, requestsPerSecond: cell.requestsPerSecond * load }
}

function rowOf(trial: Trial): object {
  const percent = (share: number) => Number((100 * share).toFixed(3))
  return {
    'p50 ms': trial.p50.toFixed(1),
    'p99 ms': trial.p99.toFixed(1),
    'p99.9 ms': trial.p999.toFixed(1),
    longest: trial.longest.toFixed(0),
    'goodput %': percent(trial.goodput),
    'others %': percent(trial.others.goodput),
    'others p99': trial.others.p99.toFixed(1),
    'rows/run': trial.rowsPerRun.toFixed(0),
    copies: `${trial.hotCopies}; ${trial.meanCopies.toFixed(1)}`,
    'load %': `${percent(trial.load).toFixed(0)}; ${percent(trial.mostLoad).toFixed(0)}`,
    'gateways %': percent(trial.gatewayLoad).toFixed(0),
    loads: trial.loads,
    failed: [...trial.failed].map(([code, count]) => `${code} ${count}`).join(', '),
  }
}

runCommand(main)
