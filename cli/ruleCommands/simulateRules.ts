import { accessSync, constants, statSync } from 'node:fs'
import { LoadError, show } from '../../lib/errors'
import { didYouMean, notOneOf } from '../../lib/files/nearMiss'
import { readTextFile, unreadable } from '../../lib/files/readTextFile'
import { keyText, notAKey } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import { shortPath } from '../../lib/packagePaths'
import { readJson } from '../../lib/readJson'
import { rowCheckOf } from '../../routing/checks/rowInputs'
import { compileRouter } from '../../routing/compile/compileRouter'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { undecidable } from '../../routing/parse/undecidable'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import { contextProblem } from '../../routing/ruleSet/readContext'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import type { JsonOption } from '../terminal/printResult'
import { Progress } from '../terminal/progress'
import { table } from '../terminal/table'
import { namedRules } from './namedRules'
import { readLines } from './readLines'
import { runOnRules } from './ruleCommand'
import { type ObjectiveShares, type RecordedRequest, type RouterOf, Simulation } from './simulation'

export interface SimulateOptions extends JsonOption {
  /** Path of a rule file; by default the configuration's. */
  readonly proposed?: string
  /** See `namedRules`. */
  readonly current: string
  readonly objective?: readonly string[]
}

/**
 * Sends contexts from a file with one JSON object per line through the current and the proposed rules, and reports
 * whose version changes. Counts lines that are no requests, which it skips, and lines with keys or values that no request
 * has, which it decides; if there are any, the command is not done (exit code 1). Throws a LoadError with all problems of
 * the proposed rules.
 */
export async function simulateRules(config: Config, file: string, options: SimulateOptions): Promise<void> {
  const known = await loadKnownNames(config)
  const { proposed: path = config.rules } = options
  const proposed = parseRuleSet(readTextFile(path), shortPath(path), known)
  return runOnRules(config, [options.current], options, async (store) => {
    const { ruleSet: current, place } = await namedRules(store, options.current, config.rules)
    const all = [...new Set([...Object.keys(current.objectives), ...Object.keys(proposed.objectives)])]
    const objectives = options.objective ?? all.filter((name) => known.objectives.has(name))
    const unknown = objectives.find((name) => !all.includes(name))
    if (unknown !== undefined) {
      throw new LoadError([notOneOf('--objective: must be one that has rules', unknown, all)])
    }
    const decided = objectives.filter((name) => Object.hasOwn(current.objectives, name))
    const problems = undecidable(current, decided, known, place)
    if (problems.length > 0) throw new LoadError(problems)
    const simulation = new Simulation(compiled(current, known), compiled(proposed, known), known, objectives)
    const { bad, odd } = await addAll(simulation, file, known, objectives)
    const result = simulation.result()
    const notes = [
      ...(bad.count === 0
        ? []
        : [`${linesThat(bad.count, 'is not a request', 'are not requests')}, ${firstOf(bad)}`]),
      ...(odd.count === 0
        ? []
        : [`${linesThat(odd.count, 'has', 'have')} unknown keys or values of another type, ${firstOf(odd)}`]),
    ]
    return {
      text: [...notes, resultText(result)].join('\n'),
      value: { objectives: result, skipped: bad.count, odd: odd.count },
      isDone: bad.count + odd.count === 0,
    }
  })
}

function compiled(ruleSet: RuleSet, known: KnownNames): RouterOf {
  const router = compileRouter(ruleSet, known.objectives)
  return (name) => (Object.hasOwn(ruleSet.objectives, name) ? router.for(name) : undefined)
}

function linesThat(count: number, one: string, many: string): string {
  return count === 1 ? `1 line ${one}` : `${count} lines ${many}`
}

function firstOf({ first, why }: { readonly first: number; readonly why: string }): string {
  return `the first is line ${first}: ${why}`
}

async function addAll(
  simulation: Simulation,
  file: string,
  known: KnownNames,
  objectives: readonly string[],
) {
  const bad = { count: 0, first: 0, why: '' }
  const odd = { count: 0, first: 0, why: '' }
  const problemOf = requestCheck(known)
  const size = sizeOf(file)
  const progress = new Progress()
  await readLines(
    file,
    (line, number) => {
      if (line.trim() === '') return
      const value = readJson(line)
      const request = isMap(value)
        ? readRequest(value)
        : mustBe('a JSON object', value === undefined ? line : value)
      if (typeof request === 'string' || !simulation.add(request)) {
        if (bad.count++ === 0) {
          const why = typeof request === 'string' ? request : notSimulated(request, objectives)
          Object.assign(bad, { first: number, why })
        }
        return
      }
      const why = problemOf(value as Entries, request)
      if (why !== undefined && odd.count++ === 0) Object.assign(odd, { first: number, why })
    },
    (bytes) => progress.tell(() => bar(bytes / size)),
  )
  progress.end()
  return { bad, odd }
}

function mustBe(expectation: string, value: unknown): string {
  return `must be ${expectation}, got ${show(value)}`
}

function notSimulated({ objective = '' }: RecordedRequest, objectives: readonly string[]): string {
  return notOneOf('objective: must be one that is simulated', objective, objectives)
}

type Entries = Readonly<Record<string, unknown>>

const requestKeys = ['context', 'inputs', 'objective']

/** Finds what a line has that no request has. A line that names no objective may have inputs of any. */
function requestCheck(known: KnownNames) {
  const all = [...known.objectives.values()].flatMap(({ inputs }) => inputs)
  return (line: Entries, { context, inputs, objective }: RecordedRequest): string | undefined => {
    if (context !== line) {
      const key = Object.keys(line).find((name) => !requestKeys.includes(name))
      if (key !== undefined) return `${keyText(key)} ${notAKey(requestKeys)}${didYouMean(key, requestKeys)}`
    }
    const inContext = contextProblem(context, known)
    if (inContext !== undefined) return `context: ${inContext}`
    const specs = objective === undefined ? all : (known.objectives.get(objective)?.inputs ?? all)
    const inInputs = inputs && rowCheckOf(specs)(inputs, objective ?? 'the objectives')
    return inInputs === undefined ? undefined : `inputs: ${inInputs}`
  }
}

/**
 * `{ "context": {...}, "inputs": {...}, "objective": "..." }`, or only the context, whose values are never maps. Returns
 * what is wrong with a part of another type: without it, the line would be another request.
 */
function readRequest(line: Entries): RecordedRequest | string {
  const { context, inputs, objective } = line
  if (!isMap(context) && !isMap(inputs)) return { context: line }
  if (!isMapOrNone(context)) return `context: ${mustBe('a JSON object', context)}`
  if (!isMapOrNone(inputs)) return `inputs: ${mustBe('a JSON object', inputs)}`
  if (objective !== undefined && typeof objective !== 'string')
    return `objective: ${mustBe('text', objective)}`
  return { context: context ?? {}, ...(inputs && { inputs }), ...(objective !== undefined && { objective }) }
}

function isMapOrNone(value: unknown): value is Entries | null | undefined {
  return value === null || value === undefined || isMap(value)
}

function sizeOf(file: string): number {
  try {
    accessSync(file, constants.R_OK)
    const found = statSync(file)
    if (!found.isDirectory()) return found.size
  } catch (error) {
    throw unreadable(file, error as Error)
  }
  throw new LoadError([`${shortPath(file)}: must be a readable file, got a folder`])
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
