import type {
  Canary,
  Cell,
  Experiment,
  Fallback,
  ObjectiveRules,
  Rule,
  RuleSet,
  Shadow,
} from '../ruleSet/ruleSet'
import { checkRuleSet, type RuleSetSource, toRuleSet } from './parseRuleSet'

/** The names that exist. An editor completes them, and the compiler refuses others. */
export interface RuleNames {
  readonly objective: string
  /** `name@version` */
  readonly model: string
}

/** A rule set with only these names; `Test` are the names of its own experiments. */
export interface TypedRuleSet<Names extends RuleNames, Test extends string> {
  readonly message?: string
  readonly objectives: {
    readonly [name in Names['objective']]?: TypedObjective<Names['model'], NoInfer<Test>>
  }
  readonly experiments?: { readonly [name in Test]: TypedExperiment<Names['model']> }
  readonly placement?: {
    readonly [key in Names['model'] | ModelName<Names['model']> | '*']?: string | readonly string[]
  }
}

type ModelName<Version extends string> = Version extends `${infer Name}@${string}` ? Name : never

type TypedUse<Model extends string, Test extends string> = Model | { readonly experiment: Test }

interface TypedObjective<Model extends string, Test extends string>
  extends Omit<ObjectiveRules, 'rules' | 'default' | 'canary' | 'shadow' | 'fallback'> {
  readonly rules?: readonly (Omit<Rule, 'use'> & { readonly use: TypedUse<Model, Test> })[]
  readonly default: TypedUse<Model, Test>
  readonly canary?: Omit<Canary, 'of' | 'to'> & { readonly of: Model; readonly to: Model }
  readonly shadow?: readonly (Omit<Shadow, 'model'> & { readonly model: Model })[]
  readonly fallback?: readonly (Model | Exclude<Fallback, string>)[]
}

interface TypedExperiment<Model extends string> extends Omit<Experiment, 'cells'> {
  readonly cells: readonly (Omit<Cell, 'use'> & { readonly use: Model })[]
}

/** Defines a rule set in TypeScript. Throws a LoadError for its shape; names are checked at publication. */
export function defineRuleSet<const Test extends string = never>(
  source: TypedRuleSet<RuleNames, Test>,
): RuleSet {
  return ruleSetOf(source)
}

/** `defineRuleSet` for a deployment with known names: `const defineOurRules = ruleSetsOf<OurNames>()`. */
export function ruleSetsOf<Names extends RuleNames>() {
  return <const Test extends string = never>(source: TypedRuleSet<Names, Test>): RuleSet => ruleSetOf(source)
}

function ruleSetOf(source: object): RuleSet {
  checkRuleSet(source, 'defineRuleSet', undefined) // A function cannot be copied.
  return toRuleSet(structuredClone(source) as RuleSetSource, 'defineRuleSet')
}
