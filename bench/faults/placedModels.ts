import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'
import { type BenchCase, cases } from '../cases'
import { writeDeployment } from '../deployment'

type Section = Readonly<Record<string, unknown>>

/**
 * Writes the configuration of the example into a folder, with ratings and abuse scores on the shards `ratings` and
 * `trust`, and returns its file. `own` replaces sections of the configuration; `perSecond` limits the rows of ratings.
 */
export function writePlacedModels(folder: string, own: Section, perSecond?: number): string {
  const deployment = writeDeployment(cases.find(({ name }) => name === 'titles-10') as BenchCase, packageRoot)
  const config = parse(readFileSync(deployment, 'utf8'))
  const rules = parse(readFileSync(join(packageRoot, 'examples/streaming/rules.yaml'), 'utf8'))
  rmSync(dirname(deployment), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const placement = { '*': 'main', 'rating-predictor': 'ratings', 'abuse-score': 'trust' }
  if (perSecond !== undefined) rules.objectives.PREDICT_RATING.limits = { perSecond }
  // JSON is YAML.
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ ...rules, placement }))
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, JSON.stringify({ ...config, ...own }))
  return file
}

/** The nth request for ten predictions, of ratings and of abuse scores by turns. */
export function nthBody(n: number): string {
  const { query, variables } = cases.find(({ name }) => name === (n % 2 === 0 ? 'titles-10' : 'messages-10'))!
  return JSON.stringify({ query, variables: variables(n) })
}
