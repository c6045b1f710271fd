import { statSync } from 'node:fs'
import { LoadError } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { readTextFile } from '../../lib/files/readTextFile'
import { isMap } from '../../lib/isMap'
import { shortPath } from '../../lib/packagePaths'
import { compileRouter } from '../../routing/compile/compileRouter'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import type { JsonOption } from '../terminal/printResult'
import { Progress } from '../terminal/progress'
import { table } from '../terminal/table'
import { namedRules } from './namedRules'
import { readLines } from './readLines'
import { deploymentNames, runOnStore } from './ruleCommand'
import { type ObjectiveShares, type RecordedRequest, type Rules, Simulation } from './simulation'

export interface SimulateOptions extends JsonOption {
  /** Path of a rule file. */
  readonly proposed: string
  /** See `namedRules`. */
  readonly current: string
  readonly objective?: readonly string[]
}

/**
 * Sends contexts from a file with one JSON object per line through the current and the proposed rules, and reports
 * whose version changes. Counts invalid lines; if there are any, the command is not done (exit code 1). Throws a
 * LoadError with all problems of the proposed rules.
 */
export async function simulateRules(config: Config, file: string, options: SimulateOptions): Promise<void> {
  const known = await deploymentNames(config)
  const proposed = parseRuleSet(readTextFile(options.proposed), shortPath(options.proposed), known)
  return runOnStore(config, options, async (store) => {
    const current = await namedRules(store, options.current, config.rules)
    const all = [...new Set([...Object.keys(current.objectives), ...Object.keys(proposed.objectives)])]
    const objectives = options.objective ?? all.filter((name) => known.objectives.has(name))
    for (const name of objectives) {
      if (!all.includes(name)) {
        throw new LoadError([
          `--objective: must be one that has rules (${all.join(', ')}), got ${name}${didYouMean(name, all)}`,
        ])
      }
    }
    const simulation = new Simulation(compiled(current, known), compiled(proposed, known), known, objectives)
    const bad = await addAll(simulation, file)
    const result = simulation.result()
    const skipped = bad.count === 0 ? [] : [`${bad.count} lines are not requests, the first is ${bad.first}`]
    return {
      text: [...skipped, resultText(result)].join('\n'),
      value: { objectives: result, skipped: bad.count },
      isDone: bad.count === 0,
    }
  })
}

function compiled(ruleSet: RuleSet, known: KnownNames): Rules {
  return { router: compileRouter(ruleSet, known.objectives), objectives: Object.keys(ruleSet.objectives) }
}

async function addAll(simulation: Simulation, file: string): Promise<{ count: number; first: number }> {
  const bad = { count: 0, first: 0 }
  const size = sizeOf(file)
  const progress = new Progress()
  await readLines(
    file,
    (line, number) => {
      if (line.trim() === '') return
      const request = readRequest(line)
      if (request !== undefined && simulation.add(request)) return
      if (bad.count++ === 0) bad.first = number
    },
    (bytes) => progress.tell(() => bar(bytes / size)),
  )
  progress.end()
  return bad
}

/** `{ "context": {...}, "inputs": {...}, "objective": "..." }`, or only the context. */
function readRequest(line: string): RecordedRequest | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isMap(value)) return undefined
  const { context, inputs, objective } = value
  if (!isMap(context)) return { context: value }
  return {
    context,
    ...(isMap(inputs) && { inputs }),
    ...(typeof objective === 'string' && { objective }),
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    throw new LoadError([`${shortPath(file)}: must be a readable file, got no such file`])
  }
}

function bar(part: number): string {
  const full = Math.round(Math.min(1, part) * 40)
  return `[${'#'.repeat(full)}${' '.repeat(40 - full)}] ${Math.round(part * 100)} %`
}

function resultText(result: readonly ObjectiveShares[]): string {
  const rows = result.flatMap(({ objective, requests, shares }) =>
    shares.map(({ model, cell = '', current, proposed }) => [
      objective,
      model,
      cell,
      withPart(current, requests),
      withPart(proposed, requests),
    ]),
  )
  const moves = result.flatMap(({ objective, requests, moved, noUnit, moves: all }) => [
    `${objective}: ${withPart(moved, requests)} of ${requests} move to another version`,
    ...(noUnit === 0 ? [] : [`  ${withPart(noUnit, requests)} have no unit`]),
    ...all.map(({ from, to, requests: count }) => `  ${from} → ${to}: ${withPart(count, requests)}`),
  ])
  return [table([['objective', 'model', 'cell', 'current', 'proposed'], ...rows]), '', ...moves].join('\n')
}

function withPart(count: number, all: number): string {
  return all === 0 ? String(count) : `${count} (${((count / all) * 100).toFixed(2)} %)`
}
