import { LoadError, show } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { readJson } from '../../lib/readJson'
import type { InputSpec } from '../../models/contracts/objective'
import type { ValueType } from '../../models/types/valueType'
import { rowCheckOf } from '../../routing/checks/rowInputs'
import { compileRouter } from '../../routing/compile/compileRouter'
import type { Explanation } from '../../routing/compile/explain'
import { undecidable } from '../../routing/parse/undecidable'
import { contextProblem, readContext } from '../../routing/ruleSet/readContext'
import { placementProblem } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import type { JsonOption } from '../terminal/printResult'
import { table } from '../terminal/table'
import { namedRules } from './namedRules'
import { runOnRules } from './ruleCommand'

export interface ExplainOptions extends JsonOption {
  readonly context: Readonly<Record<string, string>>
  readonly input?: Readonly<Record<string, string>>
  readonly shard?: string
  /** See `namedRules`. */
  readonly rules: string
}

/** Explains one decision. Not done (exit code 1) if the objective decides by row and no inputs are given. */
export function explainRules(config: Config, objective: string, options: ExplainOptions): Promise<void> {
  return runOnRules(config, [options.rules], options, async (store) => {
    const { ruleSet, number, place } = await namedRules(store, options.rules, config.rules)
    const known = await loadKnownNames(config)
    if (!Object.hasOwn(ruleSet.objectives, objective)) {
      const names = Object.keys(ruleSet.objectives).sort()
      throw new LoadError([notOneOf('objective: must be one that has rules', objective, names)])
    }
    const problems = undecidable(ruleSet, [objective], known, place)
    if (problems.length > 0) throw new LoadError(problems)
    const contract = known.objectives.get(objective)
    const joined =
      joinedPair('--context', options.context, known.contextKeys) ??
      joinedPair(
        '--input',
        options.input,
        contract?.inputs.map(({ name }) => name),
      )
    if (joined !== undefined) throw new LoadError([joined])
    const unfit = contextProblem(options.context, known)
    if (unfit !== undefined) throw new LoadError([`--context: ${unfit}`])
    const { shard } = options
    if (shard !== undefined && known.shards?.has(shard) === false) {
      throw new LoadError([notOneOf('--shard: must be one of this deployment', shard, [...known.shards])])
    }
    const inputs = options.input && readInputs(options.input, contract?.inputs ?? [])
    const problem = inputs && contract && rowCheckOf(contract.inputs)(inputs, objective)
    if (problem !== undefined) throw new LoadError([`--input: ${problem}`])
    // As if all versions were ready.
    const router = compileRouter(ruleSet, known.objectives, (_, model) => known.models.has(model))
    const context = readContext(options.context, known)
    const explanation = router.explain({ objective, context, inputs, shard })
    const isDone = !('error' in explanation)
    const misplaced = isDone ? placementProblem(ruleSet, explanation.decision) : undefined
    if (misplaced !== undefined) throw new LoadError([`--${misplaced}`])
    return {
      text: isDone
        ? explanationText(explanation, number)
        : `${objective} decides by row, so it needs inputs: --input name=value`,
      value: isDone ? { ruleSet: number, ...explanation } : explanation,
      isDone,
    }
  })
}

/** The problem with a value that holds another pair behind a comma. */
function joinedPair(
  option: string,
  pairs: Readonly<Record<string, string>> = {},
  keys: Iterable<string> = [],
): string | undefined {
  for (const [key, value] of Object.entries(pairs)) {
    const other = [...keys].find((name) => value.includes(`,${name}=`))
    if (other !== undefined)
      return `${option}: must be separated by spaces, as in ${key}=... ${other}=..., got ${key}=${value}`
  }
  return undefined
}

/**
 * A value is read as JSON if it is JSON. For an input that is text, an id or an enum only `null` and what is in quotes
 * are, so that `12` stays text; the label `null` stays one too.
 */
function readInputs(
  texts: Readonly<Record<string, string>>,
  specs: readonly InputSpec[],
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(texts).map(([name, text]) => {
    const type = specs.find((spec) => spec.name === name)?.type
    if (type?.kind === 'enum' && type.labels.includes(text)) return [name, text] as const
    const value = readJson(text)
    const isText =
      type !== undefined && textKinds.has(type.kind) && typeof value !== 'string' && value !== null
    return [name, value === undefined || isText ? text : value] as const
  })
  return Object.fromEntries(entries)
}

const textKinds = new Set<ValueType['kind']>(['String', 'ID', 'enum'])

/** The version of the rules and the decision, followed by the steps that led to it. */
function explanationText({ decision, rules, draws }: Explanation, ruleSet: number): string {
  const version = ruleSet === 0 ? {} : { ruleSet }
  const facts = Object.entries({ ...version, ...decision }).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(', ') : String(value),
  ])
  const trials = rules.flatMap(({ name, matched, clauses }) => [
    `rule ${name}: ${matched ? 'matched' : 'did not match'}`,
    ...clauses.map(
      ({ clause, held, wanted, got }) =>
        `  ${held ? 'holds' : 'fails'}  ${clause}${wanted === undefined ? '' : ` ${show(wanted)}, got ${show(got)}`}`,
    ),
  ])
  const drawn = draws.map(({ by, name, salt, unit, value, bucket, cell, taken }) => {
    const came =
      bucket === undefined
        ? `no unit${unit === undefined ? '' : ` at ${unit}`}`
        : `${unit} ${value} is in bucket ${bucket}${cell === undefined ? '' : `, cell ${cell}`}${taken === undefined ? '' : taken ? ', taken' : ', not taken'}`
    return `${by} ${name} (salt ${salt}): ${came}`
  })
  return [table(facts), ...trials, ...drawn].join('\n')
}
