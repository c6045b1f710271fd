import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { BenchCase } from './cases'

/** What is changed of `presage.yaml`. */
interface Configuration {
  readonly graph: Readonly<Record<'subgraphs' | 'supergraph' | 'planLock', string>>
  readonly repositories: readonly string[]
  readonly rules: string
  readonly limits?: Readonly<Record<string, number>>
  readonly subgraphs: Readonly<Record<string, Readonly<Record<string, string>>>>
}

interface Rules {
  readonly objectives: Readonly<Record<string, object>>
}

const titles = 'examples/streaming/movielens/data/titles.json'
const fiveSettings = {
  catalog: { titles },
  stock: { titles },
  reviews: { titles, messages: 'examples/streaming/data/messages.json' },
  rentals: { titles, payments: 'examples/streaming/data/payments.json' },
}

/**
 * Writes the deployment of the example for a case into a folder of its own, and returns the configuration's file: `presage.yaml` of
 * the package in `root`, with the case's models answering, and its graph. The folder is the caller's to remove.
 */
export function writeDeployment(benchCase: BenchCase, root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-deployment-'))
  const own = parse(readFileSync(join(root, 'presage.yaml'), 'utf8')) as Configuration
  const isFive = benchCase.endpoint === 'five'
  const rules = parse(readFileSync(join(root, own.rules), 'utf8')) as Rules
  const objectives = benchCase.models.map(({ objective, model }) => [objective, { default: model }])
  const from = (path: string) => join(root, path)
  const config = {
    ...own,
    graph: isFive
      ? { subgraphs: from('bench/five/rover.yaml'), supergraph: 'supergraph.graphql', planLock: 'plan.json' }
      : mapped(own.graph, from),
    // It is about the five subgraphs alone.
    ...(isFive && { platform: undefined }),
    repositories: own.repositories.map(from),
    rules: 'rules.yaml',
    // Where no text comes twice, how many are planned is what is measured, and not to be held down.
    ...(benchCase.text && { limits: { ...own.limits, newOperations: 1_000_000 } }),
    subgraphs: mapped(isFive ? fiveSettings : own.subgraphs, (files) => mapped(files, from)),
  }
  // JSON is YAML.
  writeFileSync(
    join(folder, 'rules.yaml'),
    JSON.stringify({ ...rules, objectives: { ...rules.objectives, ...Object.fromEntries(objectives) } }),
  )
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, JSON.stringify(config))
  if (isFive) {
    execFileSync(process.execPath, [join(root, 'dist/cli/presage.js'), '--config', file, 'compose'])
  }
  return file
}

function mapped<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
