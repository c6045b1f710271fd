import { LoadError, show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { compileRouter, type NeedsInputs } from '../../routing/compile/compileRouter'
import type { Explanation } from '../../routing/compile/explain'
import { readContext, undeclaredKey } from '../../routing/ruleSet/readContext'
import type { Config } from '../config/config'
import type { JsonOption } from '../terminal/printResult'
import { table } from '../terminal/table'
import { namedRules } from './namedRules'
import { deploymentNames, runOnStore } from './ruleCommand'

export interface ExplainOptions extends JsonOption {
  readonly context: Readonly<Record<string, string>>
  readonly input?: Readonly<Record<string, unknown>>
  readonly shard?: string
  /** See `namedRules`. */
  readonly rules: string
}

/**
 * Explains the decision for one context. Not done (exit code 1) if the objective decides by row and no inputs are
 * given.
 */
export function explainRules(config: Config, objective: string, options: ExplainOptions): Promise<void> {
  return runOnStore(config, options, async (store) => {
    const ruleSet = await namedRules(store, options.rules, config.rules)
    const known = await deploymentNames(config)
    if (!Object.hasOwn(ruleSet.objectives, objective)) {
      const names = Object.keys(ruleSet.objectives).sort()
      throw new LoadError([
        `objective: must be one that has rules (${names.join(', ')}), got ${objective}${didYouMean(objective, names)}`,
      ])
    }
    const undeclared = undeclaredKey(options.context, known)
    if (undeclared !== undefined) throw new LoadError([`--context: ${undeclared}`])
    // As if all versions were ready.
    const router = compileRouter(ruleSet, known.objectives, (_, model) => known.models.has(model))
    const explanation = router.explain({
      objective,
      context: readContext(options.context, known.contextTypes),
      ...(options.input && { inputs: options.input }),
      ...(options.shard !== undefined && { shard: options.shard }),
    })
    const isDone = !('error' in explanation)
    return {
      text: isDone ? explanationText(explanation) : needsInputs(explanation),
      value: explanation,
      isDone,
    }
  })
}

function needsInputs({ objective }: NeedsInputs): string {
  return `${objective} decides by row, so it needs inputs: --input name=value`
}

/** The decision, followed by the steps that led to it. */
function explanationText({ decision, rules, draws }: Explanation): string {
  const facts = Object.entries(decision).map(([key, value]) => [
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
