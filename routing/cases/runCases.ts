import { show } from '../../lib/errors'
import { didYouMean, notOneOf } from '../../lib/files/nearMiss'
import { rowCheckOf } from '../checks/rowInputs'
import { type CompiledRouter, compileRouter } from '../compile/compileRouter'
import { checkRules } from '../parse/checkRules'
import { toRuleSet } from '../parse/parseRuleSet'
import { canonicalJson } from '../ruleSet/canonicalJson'
import type { KnownNames } from '../ruleSet/knownNames'
import { problemLine } from '../ruleSet/problems'
import { contextProblem, readContext } from '../ruleSet/readContext'
import { placementProblem, type RuleSet } from '../ruleSet/ruleSet'
import type { CaseGroup, RuleCase } from './cases'

/** A case and its differences from what it expects; none if it passes. */
export interface CaseResult {
  readonly says: string
  readonly differences: readonly string[]
}

/** Runs the cases of a group. One result per case, or a single one for a rule set that must be refused. */
export function runCases(group: CaseGroup): readonly CaseResult[] {
  const { problems } = checkRules(group.ruleSet, group.known)
  if (group.refused !== undefined) {
    const paths = problems.map(({ path }) => path)
    const missing = group.refused.filter((text) => !paths.some((path) => path.includes(text)))
    const came = paths.length === 0 ? 'no problem' : `problems at ${paths.join(', ')}`
    const differences = missing.map((text) => `must be refused at ${text}, got ${came}`)
    return [{ says: group.says, differences }]
  }
  if (problems.length > 0) {
    return [{ says: group.says, differences: problems.map((problem) => problemLine(problem, 'refused')) }]
  }
  const { known } = group
  const ruleSet = toRuleSet(structuredClone(group.ruleSet), group.says)
  const router = compileRouter(ruleSet, known.objectives, (_, model) => known.models.has(model))
  return group.cases.map((one) => {
    const problem = caseProblem(one, ruleSet, known)
    return {
      says: one.says,
      differences: problem === undefined ? differences(one, ruleSet, router, known) : [problem],
    }
  })
}

/**
 * Why a case asks something that no request does; then its decision would say nothing. Without a deployment nobody knows
 * what requests have, and values of another type are decided as the contract says: they are absent, or no operator but
 * `ne` and `notIn` holds for them. Numbers beyond 2^53 - 1 are checked nevertheless: they may not be the ones that were
 * written.
 */
function caseProblem(
  { objective, context, inputs, shard }: RuleCase,
  { objectives }: RuleSet,
  known: KnownNames,
): string | undefined {
  if (!Object.hasOwn(objectives, objective)) {
    return `objective: must be one that has rules, got ${objective}${didYouMean(objective, Object.keys(objectives))}`
  }
  if (shard !== undefined && known.shards?.has(shard) === false) {
    return notOneOf('shard: must be one of this deployment', shard, [...known.shards])
  }
  const isOfDeployment = known.contextKeys !== undefined
  const inContext = contextProblem(isOfDeployment ? context : onlyLarge(context), known)
  if (inContext !== undefined) return `context: ${inContext}`
  const row = inputs && !isOfDeployment ? onlyLarge(inputs) : inputs
  const inInputs = row && rowCheckOf(known.objectives.get(objective)!.inputs)(row, objective)
  return inInputs === undefined ? undefined : `inputs: ${inInputs}`
}

/** With null in place of all but numbers beyond those that JSON holds exactly. */
function onlyLarge(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isLarge = (value: unknown) =>
    typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isLarge(value) ? value : null]),
  )
}

function differences(
  { objective, context, inputs, shard, override, mayOverride, expect }: RuleCase,
  ruleSet: RuleSet,
  router: CompiledRouter,
  known: KnownNames,
): readonly string[] {
  const decision = router.resolve({
    objective,
    context: readContext(context, known),
    inputs,
    shard,
    override: mayOverride ? override : undefined,
  })
  if ('error' in decision && expect.error !== decision.error) {
    return [`inputs: must be given, since ${objective} decides by row, got nothing`]
  }
  const misplaced = 'error' in decision ? undefined : placementProblem(ruleSet, decision)
  if (misplaced !== undefined) return [misplaced]
  return Object.entries(expect).flatMap(([key, wanted]) => {
    const came: unknown = Object.hasOwn(decision, key) ? decision[key as keyof typeof decision] : undefined
    const holds =
      came === undefined ? wanted === null : wanted !== null && canonicalJson(came) === canonicalJson(wanted)
    return holds ? [] : [`${key}: must be ${wanted === null ? 'absent' : show(wanted)}, got ${show(came)}`]
  })
}
