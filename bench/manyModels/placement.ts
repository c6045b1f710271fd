/**
 * `npm run bench:placement [-- --versions 500] [--budget 256MiB] [--rounds 3] [--seconds 20] [--hot 150] [--others 50]`: a shard of four workers that
 * cannot hold all of its versions, behind a gateway, by how the workers that hold a version are found: by the order and the load of the
 * servers (`copies`), or fixed in the rules, a quarter of the versions for each worker. Traffic to one version, and to the others by Zipf's law
 * (exponent 1): how often a version is in memory, how many are loaded, how many copies there are, and the latency of both.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'
import { type BenchCase, cases } from '../cases'
import { readOptions, runCommand } from '../command'
import { writeDeployment } from '../deployment'
import { freePorts } from '../freePorts'
import { median } from '../measure'
import { type OpenLoopResult, openLoop } from '../openLoop'
import { percentile } from '../percentile'
import { type BenchServer, startPresage } from '../servers'
import type { Started } from '../startProcess'
import { startWorker } from '../startWorker'
import { stopped } from '../stopped'
import { loadedVersionsOf, loadsOf } from './counts'
import { nameOf, writeVersions } from './versions'
import { zipfDraw } from './zipf'

const workerCount = 4

type Shards = Readonly<Record<string, { readonly endpoints: readonly string[]; readonly copies?: number }>>

/** The shards of the four workers, and of each version. */
interface Placement {
  shards(endpoints: readonly string[]): Shards
  shardOf(version: number): string
}

const placements: Readonly<Record<string, Placement>> = {
  'fixed in the rules': {
    shards: (endpoints) =>
      Object.fromEntries(endpoints.map((endpoint, at) => [`far-${at}`, { endpoints: [endpoint] }])),
    shardOf: (version) => `far-${version % workerCount}`,
  },
  'copies: 1': oneShard(1),
  'copies: 2': oneShard(2),
  [`copies: ${workerCount}`]: oneShard(workerCount),
}

function oneShard(copies: number): Placement {
  return { shards: (endpoints) => ({ far: { endpoints, copies } }), shardOf: () => 'far' }
}

interface Deployment {
  readonly gateway: BenchServer
  readonly workers: readonly Started[]
}

interface Round {
  readonly hot: OpenLoopResult
  readonly others: OpenLoopResult
  readonly loads: number
  /** Copies in memory at its end. */
  readonly held: number
}

async function main(): Promise<void> {
  const defaults = { versions: 500, budget: '256MiB', rounds: 3, seconds: 20, hot: 150, others: 50 }
  const { versions, budget, rounds, seconds, hot, others } = readOptions(defaults)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-placement-'))
  const repository = join(folder, 'repository')
  writeVersions(repository, versions)
  const deployments: Deployment[] = []
  try {
    const names = Object.keys(placements)
    for (const [at, name] of names.entries()) {
      deployments.push(await start(join(folder, String(at)), repository, placements[name], versions, budget))
    }
    const draw = zipfDraw(versions)
    const all: Round[][] = names.map(() => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [at, deployment] of deployments.entries()) {
        const one = await ask(deployment, { seconds, hot, others, seed: round + 1 }, draw)
        // The first finds what is to be in memory.
        if (round > 0) all[at].push(one)
      }
    }
    console.table(Object.fromEntries(names.map((name, at) => [name, told(all[at], seconds)])))
  } finally {
    await Promise.all(deployments.flatMap(({ gateway, workers }) => [gateway, ...workers].map(stopped)))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ask(
  { gateway, workers }: Deployment,
  load: { readonly seconds: number; readonly hot: number; readonly others: number; readonly seed: number },
  draw: () => number,
): Promise<Round> {
  const { seconds, seed } = load
  const before = await total(workers, loadsOf)
  const [hot, others] = await Promise.all([
    openLoop(gateway.url, { perSecond: load.hot, seconds, seed, connections }, () => bodyOf(0)),
    openLoop(gateway.url, { perSecond: load.others, seconds, seed: -seed, connections }, () =>
      bodyOf(draw()),
    ),
  ])
  const loads = (await total(workers, loadsOf)) - before
  return { hot, others, loads, held: await total(workers, loadedVersionsOf) }
}

const connections = 64

function told(rounds: readonly Round[], seconds: number): object {
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0)
  const at = (part: number, of: (round: Round) => OpenLoopResult) =>
    median(rounds.map((round) => percentile(of(round).latencies, part))).toFixed(1)
  const loads = sum((round) => round.loads)
  const failures = sum(({ hot, others }) =>
    [hot, others].reduce((all, { sent, outcomes }) => all + sent - outcomes.answered, 0),
  )
  return {
    'hit rate': (1 - loads / sum(({ others }) => others.sent)).toFixed(3),
    'loads a minute': ((loads / (rounds.length * seconds)) * 60).toFixed(0),
    'in memory': median(rounds.map(({ held }) => held)),
    'p50 of the first, ms': at(0.5, ({ hot }) => hot),
    'p99 of the first': at(0.99, ({ hot }) => hot),
    'each round': rounds.map(({ hot }) => percentile(hot.latencies, 0.99).toFixed(1)).join(' '),
    'p50 of the others': at(0.5, ({ others }) => others),
    'p99 of the others': at(0.99, ({ others }) => others),
    failures,
  }
}

async function start(
  folder: string,
  repository: string,
  placement: Placement,
  versions: number,
  budget: string,
): Promise<Deployment> {
  mkdirSync(folder)
  const ports = await freePorts(2 * workerCount)
  const http = ports.slice(0, workerCount)
  const shards = placement.shards(http.map((port) => `127.0.0.1:${port}`))
  const config = writeConfig(folder, repository, shards, placement, versions, budget)
  const names = Object.entries(shards).flatMap(([name, { endpoints }]) => endpoints.map(() => name))
  const workers = await Promise.all(
    names.map((name, at) => startWorker(config, name, [http[at], ports[workerCount + at]])),
  )
  return { workers, gateway: await startPresage(packageRoot, config) }
}

/** The example's deployment, where the loan's time says which of the models answers. */
function writeConfig(
  folder: string,
  repository: string,
  shards: Shards,
  { shardOf }: Placement,
  versions: number,
  budget: string,
): string {
  const example = writeDeployment(cases.find(({ name }) => name === 'titles-10') as BenchCase, packageRoot)
  const config = parse(readFileSync(example, 'utf8'))
  const rules = parse(readFileSync(join(dirname(example), 'rules.yaml'), 'utf8'))
  rmSync(dirname(example), { recursive: true, force: true })
  const all = Array.from({ length: versions }, (_, version) => version)
  const steered = {
    rules: all.map((version) => ({
      name: nameOf(version),
      when: { 'input.time': version },
      use: `${nameOf(version)}@1`,
    })),
    default: `${nameOf(0)}@1`,
  }
  const placement = {
    '*': 'main',
    ...Object.fromEntries(all.map((version) => [nameOf(version), shardOf(version)])),
  }
  const file = join(folder, 'presage.yaml')
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({
      ...config,
      repositories: [...config.repositories, repository],
      shards: { main: {}, ...shards },
      worker: { modelMemory: budget },
    }),
  )
  writeFileSync(
    join(folder, 'rules.yaml'),
    JSON.stringify({ ...rules, objectives: { ...rules.objectives, PAYMENT_RISK: steered }, placement }),
  )
  return file
}

const query = 'query ($payment: PaymentInput!) { paymentRisk(payment: $payment) { probability } }'
const payment = { seniority: 9, home: 'rent', age: 30, marital: 'married', records: 'no', job: 'freelance' }
const money = { expenses: 73, income: 129, assets: 0, debt: 0, amount: 800, price: 846 }

/** Asks the n-th model. */
function bodyOf(time: number): string {
  return JSON.stringify({ query, variables: { payment: { ...payment, ...money, time } } })
}

async function total(
  workers: readonly Started[],
  countOf: (url: string) => Promise<number>,
): Promise<number> {
  const counts = await Promise.all(workers.map(({ url }) => countOf(url)))
  return counts.reduce((sum, count) => sum + count, 0)
}

runCommand(main)
