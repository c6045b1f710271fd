import { percentBuckets } from '../bucketing/bucket'
import type { Answer } from '../outcomes/answer'
import { UnitDraw } from '../outcomes/draw'
import { type CompiledExperiment, ExperimentLead } from '../outcomes/lead'
import type { OutcomeList } from '../outcomes/outcomeList'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'
import { type Experiment, type RuleSet, shardsOf } from '../ruleSet/ruleSet'

/**
 * What is alike for many objectives of one rule set, made once: a service with a thousand objectives then reads little memory
 * for each decision. Of one shard where fields name one.
 */
export class SharedParts {
  readonly outcomes: OutcomeList = []
  private readonly answers = new Map<string, Answer>()
  private readonly drawn = new Map<string, UnitDraw>()
  private readonly experiments = new Map<string, CompiledExperiment>()
  private readonly experimentLeads = new Map<CompiledExperiment, ExperimentLead>()

  constructor(
    private readonly ruleSet: RuleSet,
    /** The shard that fields name. */
    private readonly shard: string | undefined,
  ) {}

  answer(model: string): Answer {
    return remembered(this.answers, model, () => ({ model, shard: this.shardOf(model) }))
  }

  /** Draws by an input are the objective's own: inputs are read by their place. */
  draw({ salt, unit: own }: { salt: string; unit?: string }, contract: ObjectiveContract): UnitDraw {
    const unit = own ?? contract.unit
    if (isInput(unit)) return new UnitDraw(salt, unit, contract)
    return remembered(this.drawn, JSON.stringify([salt, unit]), () => new UnitDraw(salt, unit, contract))
  }

  /** Of objectives without shadows, which are their own. */
  experimentLead(name: string, contract: ObjectiveContract): ExperimentLead {
    const compiled = this.experiment(name, contract)
    return remembered(this.experimentLeads, compiled, () => new ExperimentLead(compiled, undefined))
  }

  experiment(name: string, contract: ObjectiveContract): CompiledExperiment {
    const experiment = this.ruleSet.experiments[name]
    const unit = experiment.unit ?? contract.unit
    const compile = () => this.compileExperiment(name, experiment, contract)
    return isInput(unit) ? compile() : remembered(this.experiments, JSON.stringify([name, unit]), compile)
  }

  private compileExperiment(
    name: string,
    experiment: Experiment,
    contract: ObjectiveContract,
  ): CompiledExperiment {
    return {
      draw: this.draw(experiment, contract),
      ends: cellEnds(experiment),
      cells: experiment.cells.map(({ use, name: cell }) => {
        return { model: use, shard: this.shardOf(use), experiment: name, cell }
      }),
    }
  }

  private shardOf(model: string): string {
    return this.shard ?? shardsOf(this.ruleSet, model)[0]
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

function isInput(unit: string | undefined): boolean {
  return unit !== undefined && readUnit(unit)?.from === 'input'
}

function remembered<K, T>(made: Map<K, T>, key: K, make: () => T): T {
  let one = made.get(key)
  if (one === undefined) {
    one = make()
    made.set(key, one)
  }
  return one
}
