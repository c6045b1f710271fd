import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import { bucketOf, percentBuckets, rangeEnds, unitText } from '../bucketing/bucketer'
import { murmurPrefix } from '../bucketing/murmur3'
import { ConditionCompiler, toClause } from '../predicates/compileCondition'
import { operators } from '../predicates/operators'
import { compileRead } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { below } from '../ruleSet/problems'
import { readUnit } from '../ruleSet/reference'
import type { Decision } from '../ruleSet/router'
import type { Condition, Operators, RuleSet, Scalar, Use } from '../ruleSet/ruleSet'

/** Why one request or row was decided as it was. */
export interface Explanation {
  readonly decision: Decision
  /** The version that an override asked for, if any, and whether it was taken. */
  readonly override?: { readonly model: string; readonly taken: boolean }
  /** The rules that were tried, in order. The last one matched, unless the default answers. */
  readonly rules: readonly RuleTrial[]
  /** All draws: experiment or canary, then every shadow but the version that answers, which is never its own shadow. */
  readonly draws: readonly DrawReport[]
}

export interface RuleTrial {
  readonly name: string
  readonly matched: boolean
  /** Every clause of the rule, even after one has failed. */
  readonly clauses: readonly ClauseReport[]
}

export interface ClauseReport {
  /** Its path in `when`: `country.in`, `any`, `any.0.device.eq`. */
  readonly clause: string
  readonly held: boolean
  /** The operand, and the value; null if absent. Left out for `all`, `any` and `not`. */
  readonly wanted?: unknown
  readonly got?: unknown
}

export interface DrawReport {
  readonly by: 'experiment' | 'canary' | 'shadow'
  /** The experiment, or the version of the canary or shadow. */
  readonly name: string
  readonly salt: string
  /** Where the unit is read; absent if neither draw nor objective says. */
  readonly unit?: string
  /** The unit and its bucket; absent if there is no unit. */
  readonly value?: string
  readonly bucket?: number
  /** The cell drawn, or whether the unit is in the canary or shadow. */
  readonly cell?: string
  readonly taken?: boolean
}

/** A question in the form in which the compiled rules get it. */
export interface Asked {
  readonly context: Context
  readonly columns: readonly Column[]
  readonly override?: string
}

/** Explains a decision of the compiled rules by evaluating the rules again, slowly, and recording each step. */
export function explain(
  ruleSet: RuleSet,
  contract: ObjectiveContract,
  asked: Asked,
  decision: Decision,
): Explanation {
  const { override } = asked
  const isOverridden = decision.reason === 'override'
  const explainer = new Explainer(ruleSet, decision.objective, contract, asked)
  const rules = isOverridden ? [] : explainer.rules()
  return {
    decision,
    ...(override !== undefined && { override: { model: override, taken: isOverridden } }),
    rules,
    draws: explainer.draws(isOverridden ? undefined : rules, decision.model),
  }
}

class Explainer {
  private readonly conditions = new ConditionCompiler()

  constructor(
    private readonly ruleSet: RuleSet,
    private readonly objective: string,
    private readonly contract: ObjectiveContract,
    private readonly asked: Asked,
  ) {}

  private get own() {
    return this.ruleSet.objectives[this.objective]
  }

  rules(): readonly RuleTrial[] {
    const trials: RuleTrial[] = []
    for (const { name, when = {} } of this.own.rules ?? []) {
      const matched = this.holds(when)
      trials.push({ name, matched, clauses: this.clauses(when, '') })
      if (matched) break
    }
    return trials
  }

  draws(trials: readonly RuleTrial[] | undefined, answering: string): readonly DrawReport[] {
    const { rules = [], default: last, shadow = [] } = this.own
    const draws: DrawReport[] = []
    if (trials !== undefined) {
      const matched = trials.at(-1)?.matched ? rules[trials.length - 1] : undefined
      if (matched !== undefined) this.follow(matched.use, last, draws)
      else this.follow(last, undefined, draws)
    }
    for (const { model, percent, ...draw } of shadow) {
      if (model === answering) continue
      const report = this.draw('shadow', model, draw)
      draws.push(withTaken(report, percent))
    }
    return draws
  }

  /** `last` is what applies if there is no unit for an experiment. */
  private follow(use: Use, last: Use | undefined, draws: DrawReport[]): void {
    if (typeof use === 'string') {
      const { canary } = this.own
      if (canary?.of === use) draws.push(withTaken(this.draw('canary', canary.to, canary), canary.percent))
      return
    }
    const experiment = this.ruleSet.experiments[use.experiment]
    const report = this.draw('experiment', use.experiment, experiment)
    const { bucket } = report
    if (bucket === undefined) {
      draws.push(report)
      if (last !== undefined) this.follow(last, undefined, draws)
      return
    }
    const cell = rangeEnds(experiment.cells).findIndex((end) => bucket < end)
    draws.push({ ...report, cell: experiment.cells[cell].name })
  }

  private draw(
    by: DrawReport['by'],
    name: string,
    { salt, unit = this.contract.unit }: { readonly salt: string; readonly unit?: string },
  ): DrawReport {
    const about = { by, name, salt, ...(unit !== undefined && { unit }) }
    const reference = unit === undefined ? undefined : readUnit(unit)
    if (reference === undefined) return about
    const { context, columns } = this.asked
    const value = unitText(compileRead(reference, this.contract)(context, columns, 0))
    return value === '' ? about : { ...about, value, bucket: bucketOf(murmurPrefix(`${salt}:`), value) }
  }

  private clauses(condition: Condition, path: string): readonly ClauseReport[] {
    return Object.entries(condition).flatMap(([key, value]) => {
      const at = below(path, key)
      if (key === 'not') {
        const inner = value as Condition
        return [{ clause: at, held: !this.holds(inner) }, ...this.clauses(inner, at)]
      }
      if (key === 'all' || key === 'any') {
        const list = value as readonly Condition[]
        const inner = list.flatMap((one, index) => this.clauses(one, below(at, index)))
        return [{ clause: at, held: this.holds({ [key]: list }) }, ...inner]
      }
      return this.operators(key, value as Scalar | Operators, at)
    })
  }

  private operators(key: string, value: Scalar | Operators, path: string): readonly ClauseReport[] {
    const clause = toClause(key, value)
    const { context, columns } = this.asked
    const got = compileRead(clause.reference, this.contract)(context, columns, 0)
    return Object.entries(clause.operators).map(([name, wanted]) => {
      const held =
        got === undefined
          ? name === 'exists' && wanted === false
          : operators.get(name)!.compile(wanted as never)(got)
      return { clause: below(path, name), held, wanted, got: got ?? null }
    })
  }

  private holds(condition: Condition): boolean {
    const test = this.conditions.compile(condition, this.contract)
    return test(this.asked.context, this.asked.columns, 0)
  }
}

function withTaken(report: DrawReport, percent: number): DrawReport {
  if (report.bucket === undefined) return report
  return { ...report, taken: report.bucket < percentBuckets(percent) }
}
