import type { Context } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import { invariant } from '../lib/invariant'
import { percentBuckets } from './bucket'
import type { ObjectiveContract } from './knownNames'
import { UnitDraw } from './outcomes/draw'
import { CanaryLead, ExperimentLead, type Lead, VersionLead } from './outcomes/lead'
import { Outcome, type Parts } from './outcomes/outcome'
import { ShadowDraws } from './outcomes/shadowDraws'
import { blockSize, RuleBlock } from './predicates/ruleBlock'
import { readsInputs } from './readsInputs'
import type { Decision, ObjectiveRouter } from './router'
import { type Experiment, type RuleSet, shardsOf, type Use } from './ruleSet'

/** What the rules of one objective are compiled with. */
export interface ObjectiveParts {
  readonly ruleSet: RuleSet
  readonly objective: string
  readonly contract: ObjectiveContract
  /** The shard that the field names. */
  readonly shard?: string
  /** Whether a version is ready and serves the objective; asked of overrides. */
  readonly canAnswer: (model: string) => boolean
}

const noColumns: readonly Column[] = Object.freeze([])

/** The rules of one objective, checked before, as a function of a request or of its rows. */
export class CompiledObjective implements ObjectiveRouter {
  readonly perRow: boolean
  private readonly blocks: readonly RuleBlock[]
  private readonly leads: readonly Lead[]
  private readonly last: Lead
  private readonly overrides = new Map<string, Outcome>()

  constructor(private readonly parts: ObjectiveParts) {
    const { ruleSet, objective, contract } = parts
    const { rules = [], default: last } = ruleSet.objectives[objective]
    this.perRow = readsInputs(ruleSet, objective, contract)
    this.blocks = Array.from({ length: Math.ceil(rules.length / blockSize) }, (_, block) => {
      return new RuleBlock(rules.slice(block * blockSize, (block + 1) * blockSize), contract)
    })
    this.last = this.lead(last, undefined)
    this.leads = rules.map(({ name, use }) => this.lead(use, name))
  }

  decide(context: Context, override?: string): Decision {
    invariant(!this.perRow, `${this.parts.objective} decides row by row`)
    return this.decideRow(context, noColumns, 0, override)
  }

  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision {
    if (override !== undefined) {
      const outcome = this.overriding(override)
      if (outcome !== undefined) return outcome.decide(-1, false, context, columns, row)
    }
    for (let block = 0; block < this.blocks.length; block++) {
      const rule = this.blocks[block].match(context, columns, row)
      if (rule >= 0) return this.leads[block * blockSize + rule].decide(false, context, columns, row)
    }
    return this.last.decide(false, context, columns, row)
  }

  private overriding(model: string): Outcome | undefined {
    const { ruleSet, shard, canAnswer } = this.parts
    if (!canAnswer(model) || (shard !== undefined && !shardsOf(ruleSet, model).includes(shard)))
      return undefined
    let outcome = this.overrides.get(model)
    if (outcome === undefined) {
      outcome = this.outcome(model, 'override')
      this.overrides.set(model, outcome)
    }
    return outcome
  }

  private lead(use: Use, rule: string | undefined): Lead {
    const named = rule === undefined ? {} : { rule }
    if (typeof use !== 'string') return this.experimentLead(use.experiment, named)
    const stays = this.outcome(use, rule === undefined ? 'default' : 'rule', named)
    const { ruleSet, objective, contract } = this.parts
    const { canary } = ruleSet.objectives[objective]
    if (canary?.of !== use) return new VersionLead(stays)
    const moves = this.outcome(canary.to, 'canary', named)
    const draw = new UnitDraw(canary.salt, canary.unit, contract)
    return new CanaryLead(draw, percentBuckets(canary.percent), stays, moves)
  }

  private experimentLead(name: string, named: { readonly rule?: string }): Lead {
    const { ruleSet, contract } = this.parts
    const experiment = ruleSet.experiments[name]
    const { salt, unit, cells } = experiment
    const outcomes = cells.map((cell) =>
      this.outcome(cell.use, 'experiment', { ...named, experiment: name, cell: cell.name }),
    )
    const withoutUnit =
      named.rule === undefined ? new VersionLead(this.outcome(cells[0].use, 'default')) : this.last
    return new ExperimentLead(new UnitDraw(salt, unit, contract), cellEnds(experiment), outcomes, withoutUnit)
  }

  private outcome(model: string, reason: Parts['reason'], more: Partial<Parts> = {}): Outcome {
    const { ruleSet, objective, contract, shard = shardsOf(ruleSet, model)[0] } = this.parts
    const { shadow = [] } = ruleSet.objectives[objective]
    return new Outcome({ objective, model, shard, reason, ...more }, new ShadowDraws(shadow, model, contract))
  }
}

/** Where the range of each cell ends: the sum of whole numbers, so that no error of floating point adds up. */
export function cellEnds({ cells }: Experiment): readonly number[] {
  let end = 0
  return cells.map(({ percent }) => {
    end += percentBuckets(percent)
    return end
  })
}
