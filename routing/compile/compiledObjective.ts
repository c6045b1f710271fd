import type { Column } from '../../lib/column'
import { addTo, groupBy } from '../../lib/groups'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import { Bucketer, rangeEnds } from '../bucketing/bucketer'
import {
  type Clause,
  type ConditionCompiler,
  type Conjunction,
  type Test,
  takeApart,
} from '../predicates/compileCondition'
import { compileRead, type ReadValue } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Decision, ObjectiveRouter } from '../ruleSet/router'
import {
  type Canary,
  type Condition,
  type Experiment,
  type Rule,
  type RuleSet,
  type Scalar,
  shardsOf,
  type Use,
} from '../ruleSet/ruleSet'
import { readsInputs } from './readsInputs'
import { type ShadowSample, ShadowSampler } from './shadowSampler'

/** What the rules of one objective are compiled with. */
interface ObjectiveParts {
  readonly ruleSet: RuleSet
  readonly objective: string
  readonly contract: ObjectiveContract
  /** The shard that the field names; if absent, each version's own. */
  readonly shard: string | undefined
  readonly conditions: ConditionCompiler
  /**
   * Whether a version that an override names is ready, is placed where fields look for it, and serves the objective.
   */
  readonly canAnswer: (model: string) => boolean
}

/** The checked rules of one objective, as a function of a request or of its rows. */
export class CompiledObjective implements ObjectiveRouter {
  readonly perRow: boolean
  private readonly matcher: RuleMatcher
  private readonly compiler: OutcomeCompiler
  /** By the index of their rules. */
  private readonly outcomes: readonly Outcome[]
  private readonly default: Outcome
  private readonly override = memoized((model: string) => this.compiler.override(model))

  constructor(private readonly parts: ObjectiveParts) {
    const { ruleSet, objective, contract, conditions } = parts
    const { rules = [] } = ruleSet.objectives[objective]
    this.perRow = readsInputs(ruleSet, objective, contract)
    this.matcher = new RuleMatcher(rules, contract, conditions)
    this.compiler = new OutcomeCompiler(parts)
    this.outcomes = rules.map(({ name, use }) => this.compiler.rule(name, use))
    this.default = this.compiler.default
  }

  decide(context: Context, override?: string): Decision {
    invariant(!this.perRow, `${this.parts.objective} decides row by row`)
    return this.decideRow(context, noColumns, 0, override)
  }

  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision {
    if (override !== undefined && this.parts.canAnswer(override)) {
      return this.override(override).decide(false, context, columns, row)
    }
    const place = this.matcher.match(context, columns, row)
    const outcome = place < 0 ? this.default : this.outcomes[place]
    return outcome.decide(false, context, columns, row)
  }
}

const noColumns: readonly Column[] = Object.freeze([])

/**
 * Finds the first matching rule of an objective. An index over the key that most rules compare for equality, such as
 * the country, leaves only the rules that name the request's value, and those that do not compare the key. These are
 * tried in order.
 */
class RuleMatcher {
  /** By rule, the conditions that the index does not cover. */
  private readonly tests: readonly Test[]
  /** Reads the indexed key. */
  private readonly read: ReadValue
  /** By value of the key, the indexes of the rules that name it. Each list ends with the number of rules. */
  private readonly named: ReadonlyMap<unknown, readonly number[]>
  /** The indexes of the rules that do not compare the key, with the same end. */
  private readonly unnamed: readonly number[]
  private readonly none: readonly number[]

  constructor(rules: readonly Rule[], contract: ObjectiveContract, conditions: ConditionCompiler) {
    const parts = rules.map(({ when = {} }) => takeApart(when))
    const key = mostCompared(parts.flatMap(({ clauses }) => clauses.filter(isEquality)))
    this.read = key === undefined ? () => undefined : compileRead(key, contract)
    const unnamed: number[] = []
    const named = new Map<unknown, number[]>()
    this.tests = parts.map((part, place) => {
      const indexed = part.clauses.find((clause) => isEquality(clause) && isSame(clause.reference, key))
      if (indexed === undefined) unnamed.push(place)
      else for (const value of valuesOf(indexed)) addTo(named, value, place)
      return conditions.compile(without(indexed, part), contract)
    })
    const ended = (places: readonly number[]) => [...places, rules.length]
    this.named = new Map([...named].map(([value, places]) => [value, ended(places)]))
    this.unnamed = ended(unnamed)
    this.none = ended([])
  }

  /** The index of the first rule that matches, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number {
    const { tests, unnamed } = this
    const named = this.named.get(this.read(context, columns, row)) ?? this.none
    let ofNamed = 0
    let ofUnnamed = 0
    for (;;) {
      const place = named[ofNamed] < unnamed[ofUnnamed] ? named[ofNamed++] : unnamed[ofUnnamed++]
      if (place === tests.length) return -1
      if (tests[place](context, columns, row)) return place
    }
  }
}

function isEquality({ operators }: Clause): boolean {
  return Object.keys(operators).length === 1 && (operators.eq !== undefined || operators.in !== undefined)
}

/** The distinct values for which the clause holds. */
function valuesOf({ operators }: Clause): ReadonlySet<Scalar> {
  return new Set(operators.in ?? [operators.eq!])
}

/** Undefined if there are no clauses. */
function mostCompared(clauses: readonly Clause[]): Reference | undefined {
  const byKey = [...groupBy(clauses, ({ reference }) => referenceText(reference)).values()]
  const [most] = byKey.sort((one, other) => other.length - one.length)
  return most?.[0].reference
}

function without(left: Clause | undefined, { clauses, others }: Conjunction): Condition {
  const rest = clauses.filter((clause) => clause !== left)
  return {
    all: [...rest.map(({ reference, operators }) => ({ [referenceText(reference)]: operators })), ...others],
  }
}

function isSame(one: Reference, other: Reference | undefined): boolean {
  return one.from === other?.from && one.name === other.name
}

/** Compiles the outcomes of an objective's rules, default and overrides. */
class OutcomeCompiler {
  readonly default: Outcome
  /** Shared by all rules that lead to it. */
  private readonly draw = memoized((of: Canary | Experiment) => ({
    bucketer: new Bucketer(of, this.parts.contract),
    ends: rangeEnds('cells' in of ? of.cells : [of, { percent: 100 - of.percent }]),
  }))
  private readonly shadows: ShadowSampler | undefined

  constructor(private readonly parts: ObjectiveParts) {
    const { shadow = [], default: use } = this.rules
    this.shadows = shadow.length === 0 ? undefined : new ShadowSampler(shadow, parts.contract)
    this.default =
      typeof use === 'string'
        ? this.version(use, undefined)
        : this.experiment(use.experiment, undefined, this.fixed(this.cells(use.experiment)[0].use, 'default'))
  }

  rule(name: string, use: Use): Outcome {
    if (typeof use === 'string') return this.version(use, name)
    // Without a unit for the experiment, routing continues as if the rule had not matched.
    return this.experiment(use.experiment, name, this.default)
  }

  override(model: string): Outcome {
    return this.fixed(model, 'override')
  }

  private version(model: string, rule: string | undefined): Outcome {
    const { canary } = this.rules
    const stays = this.fixed(model, rule === undefined ? 'default' : 'rule', rule)
    if (canary?.of !== model) return stays
    const { bucketer, ends } = this.draw(canary)
    return new DrawnOutcome(bucketer, ends, [this.fixed(canary.to, 'canary', rule), stays], stays)
  }

  private experiment(name: string, rule: string | undefined, withoutUnit: Outcome): Outcome {
    const cells = this.cells(name)
    const { bucketer, ends } = this.draw(this.parts.ruleSet.experiments[name])
    return new DrawnOutcome(
      bucketer,
      ends,
      cells.map(({ name: cell, use }) => this.fixed(use, 'experiment', rule, { experiment: name, cell })),
      withoutUnit,
    )
  }

  private fixed(
    model: string,
    reason: Decision['reason'],
    rule?: string,
    drawn?: { readonly experiment: string; readonly cell: string },
  ): FixedOutcome {
    const { ruleSet, objective, shard = shardsOf(ruleSet, model)[0] } = this.parts
    const decision = { objective, model, shard, reason, ...(rule !== undefined && { rule }), ...drawn }
    return new FixedOutcome(decision, this.shadows)
  }

  private cells(experiment: string) {
    return this.parts.ruleSet.experiments[experiment].cells
  }

  private get rules() {
    return this.parts.ruleSet.objectives[this.parts.objective]
  }
}

/** The result of a rule, the default or an override: a version, or a draw between versions. */
interface Outcome {
  /** `isWithoutUnit` says that an experiment on the way here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}

/** An experiment or a canary: the unit's bucket determines which version answers. */
class DrawnOutcome implements Outcome {
  constructor(
    private readonly bucketer: Bucketer,
    /** The end of each version's range of buckets; the last one is the total number of buckets. */
    private readonly ends: readonly number[],
    private readonly versions: readonly FixedOutcome[],
    /** Decides if there is no unit. */
    private readonly withoutUnit: Outcome,
  ) {}

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const bucket = this.bucketer.bucket(context, columns, row)
    if (bucket < 0) return this.withoutUnit.decide(true, context, columns, row)
    let at = 0
    while (bucket >= this.ends[at]) at++
    return this.versions[at].decide(isWithoutUnit, context, columns, row, bucket)
  }
}

/** One version that answers. A decision without a bucket is frozen and cached: the same object each time. */
class FixedOutcome implements Outcome {
  /** By shadows and flag. */
  private kept: (Decision | undefined)[] | undefined

  constructor(
    /** The decision without bucket, shadows and flag. */
    private readonly plain: Decision,
    private readonly shadows: ShadowSampler | undefined,
  ) {
    Object.freeze(plain)
  }

  /** `bucket` is the one that was drawn before, if any. */
  decide(
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
    bucket?: number,
  ): Decision {
    const { plain, shadows } = this
    const sample = shadows === undefined ? noShadows : shadows.sample(plain.model, context, columns, row)
    const isFlagged = isWithoutUnit || sample.isWithoutUnit
    if (bucket !== undefined || sample.id < 0) return extend(plain, bucket, sample, isFlagged)
    const place = 2 * sample.id + (isFlagged ? 1 : 0)
    if (place === 0) return plain
    this.kept ??= []
    this.kept[place] ??= Object.freeze(extend(plain, bucket, sample, isFlagged))
    return this.kept[place]
  }
}

const noShadows: ShadowSample = { models: [], isWithoutUnit: false, id: 0 }
const noUnit: readonly 'NO_UNIT'[] = Object.freeze(['NO_UNIT'] as const)

/** Property by property, which is much faster than a spread. */
function extend(
  { objective, model, shard, reason, rule, experiment, cell }: Decision,
  bucket: number | undefined,
  { models }: ShadowSample,
  isFlagged: boolean,
): Decision {
  const decision: { -readonly [key in keyof Decision]: Decision[key] } = { objective, model, shard, reason }
  if (rule !== undefined) decision.rule = rule
  if (experiment !== undefined) {
    decision.experiment = experiment
    decision.cell = cell
  }
  if (bucket !== undefined) decision.bucket = bucket
  if (models.length > 0) decision.shadows = Object.freeze(models)
  if (isFlagged) decision.flags = noUnit
  return decision
}
