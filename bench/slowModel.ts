import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import type { BenchCase } from './cases'
import { writeDeployment } from './deployment'
import { openLoop } from './openLoop'
import { type BenchServer, startPresage } from './servers'

/**
 * Starts Presage for a case, with `slow-mlp` on a shard of its own beside it: it answers requests for abuse scores that come from the
 * surface `slow`.
 */
export function startWithSlowModel(benchCase: BenchCase): Promise<BenchServer> {
  const file = writeDeployment(benchCase, packageRoot)
  const folder = dirname(file)
  change<Deployment>(file, (config) => ({
    ...config,
    repositories: [...config.repositories, join(packageRoot, 'tests/fixtures/awkward')],
    shards: { ...config.shards, slow: { kind: 'thread', workers: 1 } },
  }))
  change<Rules>(join(folder, 'rules.yaml'), (rules) => ({
    ...rules,
    objectives: {
      ...rules.objectives,
      ABUSE_SCORE: {
        ...rules.objectives['ABUSE_SCORE'],
        rules: [{ name: 'slow', when: { surface: { in: ['slow'] } }, use: 'slow-mlp@1' }],
      },
    },
    placement: { ...rules.placement, 'slow-mlp': 'slow' },
  }))
  return startPresage(packageRoot, file, () => rmSync(folder, { recursive: true, force: true }))
}

/** Asks the slow model at a constant rate; how many answers came. */
export async function askSlow(url: string, perSecond: number, seconds: number): Promise<number> {
  const query = 'query ($s: Int) { messages(first: 1, skip: $s) { id abuse { probability } } }'
  const load = { perSecond, seconds, headers: { 'x-surface': 'slow' }, connections: 4 }
  const { outcomes } = await openLoop(url, load, (n) =>
    JSON.stringify({ query, variables: { s: (n * 7) % 300 } }),
  )
  return outcomes.answered
}

interface Deployment {
  readonly repositories: readonly string[]
  readonly shards?: Readonly<Record<string, object>>
}

interface Rules {
  readonly objectives: Readonly<Record<string, object>>
  readonly placement: Readonly<Record<string, string>>
}

/** They are written as JSON, see `writeDeployment`. */
function change<Content>(file: string, how: (content: Content) => Content): void {
  writeFileSync(file, JSON.stringify(how(JSON.parse(readFileSync(file, 'utf8')) as Content)))
}
