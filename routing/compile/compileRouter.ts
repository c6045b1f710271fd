import type { Column } from '../../lib/column'
import { addTo } from '../../lib/groups'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import {
  type Clause,
  ConditionCompiler,
  type Conjunction,
  type Test,
  takeApart,
} from '../predicates/compileCondition'
import { compileRead, type ReadValue } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Decision, ObjectiveRouter, Router } from '../ruleSet/router'
import { type Condition, type Rule, type RuleSet, type Scalar, shardsOf } from '../ruleSet/ruleSet'
import { OutcomeCompiler, type OutcomeParts } from './compileOutcomes'
import { type Explanation, explain } from './explain'
import type { Outcome } from './outcome'
import { readsInputs } from './readsInputs'

/** Whether a version is ready and serves the objective. */
export type CanAnswer = (objective: string, model: string) => boolean

/** The answer for an objective that decides by row, if no inputs are given. */
export interface NeedsInputs {
  readonly objective: string
  readonly error: 'NEEDS_INPUTS'
}

/** A question about one request or row, from outside the graph. */
export interface RouteQuestion {
  readonly objective: string
  readonly context: Context
  /** The inputs of one row, by name. */
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly shard?: string
  /** Set only if the client may override. */
  readonly override?: string
}

/** A router that also answers single questions, with inputs by name. */
export interface CompiledRouter extends Router {
  resolve(question: RouteQuestion): Decision | NeedsInputs
  /** The decision and the reasons for it. The caller adds the number of the rule set. */
  explain(question: RouteQuestion): Explanation | NeedsInputs
}

/** Objectives are compiled on first use. Overrides apply only to versions for which `canAnswer` is true. */
export function compileRouter(
  ruleSet: RuleSet,
  contracts: ReadonlyMap<string, ObjectiveContract>,
  canAnswer: CanAnswer = () => false,
): CompiledRouter {
  const conditions = new ConditionCompiler()
  const byShard = memoized((shard: string | undefined) =>
    memoized((objective: string): ObjectiveRouter => {
      invariant(Object.hasOwn(ruleSet.objectives, objective), `no rule for ${objective}`)
      const contract = contracts.get(objective)
      invariant(contract, `no contract of ${objective}`)
      // A version counts as ready only on the shard that the field names.
      const isThere = (model: string) => shard === undefined || shardsOf(ruleSet, model).includes(shard)
      const mayAnswer = (model: string) => canAnswer(objective, model) && isThere(model)
      return new CompiledObjective({ ruleSet, objective, contract, shard, conditions, canAnswer: mayAnswer })
    }),
  )

  const router: CompiledRouter = {
    for: (objective, shard) => byShard(shard)(objective),
    resolve({ objective, context, inputs, shard, override }) {
      const one = router.for(objective, shard)
      if (inputs === undefined) {
        return one.perRow ? { objective, error: 'NEEDS_INPUTS' } : one.decide(context, override)
      }
      return one.decideRow(context, columnsOf(inputs, contracts.get(objective)!), 0, override)
    },
    explain(question) {
      const decision = router.resolve(question)
      if ('error' in decision) return decision
      const { context, inputs, objective, override } = question
      const contract = contracts.get(objective)!
      const columns = columnsOf(inputs ?? {}, contract)
      return explain(ruleSet, contract, { context, columns, override }, decision)
    },
  }
  return router
}

/** Turns one row of inputs by name into columns in the objective's order. */
export function columnsOf(
  inputs: Readonly<Record<string, unknown>>,
  { inputs: specs }: ObjectiveContract,
): readonly Column[] {
  return specs.map(({ name }) => [Object.hasOwn(inputs, name) ? inputs[name] : undefined])
}

/** What the rules of one objective are compiled with. */
interface ObjectiveParts extends OutcomeParts {
  readonly conditions: ConditionCompiler
  /**
   * Whether a version that an override names is ready, is placed where fields look for it, and serves the objective.
   */
  readonly canAnswer: (model: string) => boolean
}

const noColumns: readonly Column[] = Object.freeze([])

/** The checked rules of one objective, as a function of a request or of its rows. */
class CompiledObjective implements ObjectiveRouter {
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
  const counts = new Map<string, number>()
  let most: Reference | undefined
  let mostClauses = 0
  for (const { reference } of clauses) {
    const text = referenceText(reference)
    const count = (counts.get(text) ?? 0) + 1
    counts.set(text, count)
    if (count > mostClauses) {
      most = reference
      mostClauses = count
    }
  }
  return most
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
