import type { KnownNames, ObjectiveContract } from '../ruleSet/knownNames'
import { below, type RuleProblems } from '../ruleSet/problems'
import { readUnit } from '../ruleSet/reference'
import type { Draw, Experiment, ObjectiveRules, RuleSet, Use } from '../ruleSet/ruleSet'

/**
 * Warns of canaries, shadows and experiments that have no effect: there is no unit to draw by, the percentage is 0, no
 * rule leads to the version that a canary replaces, or the version of a shadow is the only one that answers. So it does
 * of fallbacks that never answer.
 */
export function warnOfIdleDraws(
  ruleSet: RuleSet,
  known: KnownNames,
  uses: ReadonlyMap<string, readonly Use[]>,
  found: RuleProblems,
): void {
  const used = new Set(
    [...uses.values()].flat().flatMap((use) => (typeof use === 'string' ? [] : use.experiment)),
  )
  for (const [name, experiment] of Object.entries(ruleSet.experiments ?? {})) {
    const at = below('experiments', name)
    if (!used.has(name)) found.warn(at, 'is not used by any matching rule or default')
    experiment.cells.forEach(({ percent }, cell) => {
      const path = below(below(below(at, 'cells'), cell), 'percent')
      if (percent === 0) found.warn(path, 'is 0, so nobody is drawn')
    })
  }
  for (const [objective, rules] of Object.entries(ruleSet.objectives)) {
    const contract = known.objectives.get(objective)
    if (contract === undefined) continue
    const experiments = ruleSet.experiments ?? {}
    const around = { contract, known, uses: uses.get(objective) ?? [], experiments, found }
    new ObjectiveDraws(objective, rules, around).warn()
  }
}

interface Surroundings {
  readonly contract: ObjectiveContract
  readonly known: KnownNames
  /** The uses of the default and of all rules that may match. */
  readonly uses: readonly Use[]
  readonly experiments: RuleSet['experiments']
  readonly found: RuleProblems
}

class ObjectiveDraws {
  private readonly path: string
  /** Versions that rules or the default name directly, not through an experiment. */
  private readonly direct: ReadonlySet<string>

  constructor(
    private readonly objective: string,
    private readonly rules: ObjectiveRules,
    private readonly around: Surroundings,
  ) {
    this.path = below('objectives', objective)
    this.direct = new Set(around.uses.filter((use) => typeof use === 'string'))
  }

  warn(): void {
    const { rules = [], default: last, canary, shadow = [] } = this.rules
    rules.forEach(({ use }, at) => {
      this.warnOfExperiment(use, below(below(below(this.path, 'rules'), at), 'use'))
    })
    this.warnOfExperiment(last, below(this.path, 'default'))
    if (canary !== undefined) {
      const path = below(this.path, 'canary')
      if (!this.direct.has(canary.of))
        this.around.found.warn(below(path, 'of'), this.whyNobodyComes(canary.of))
      this.warnOfDraw(canary, path)
    }
    const answering = this.answering()
    shadow.forEach((one, at) => {
      const path = below(below(this.path, 'shadow'), at)
      if (answering.size === 1 && answering.has(one.model)) {
        const reason = `is the only version that answers ${this.objective}, so there is nothing to shadow`
        this.around.found.warn(below(path, 'model'), reason)
      }
      this.warnOfDraw(one, path)
    })
    this.warnOfFallbacks()
  }

  /**
   * No version is asked twice, and a constant answers whatever is left. The version that answers anyway is not warned of:
   * it may stand there for a canary to come.
   */
  private warnOfFallbacks(): void {
    const before = new Set<string>()
    let afterConstant = false
    this.rules.fallback?.forEach((one, at) => {
      const path = below(below(this.path, 'fallback'), at)
      const { found } = this.around
      if (afterConstant) found.warn(path, 'never answers, since the constant before it always does')
      else if (typeof one !== 'string') afterConstant = true
      else if (before.has(one)) found.warn(path, 'never answers, since it is asked before')
      else before.add(one)
    })
  }

  private warnOfDraw(draw: Draw, path: string): void {
    const { found } = this.around
    const reason = this.whyNoUnit(draw.unit)
    if (reason !== undefined) found.warn(path, `draws nobody: ${reason}`)
    if (draw.percent === 0) found.warn(below(path, 'percent'), 'is 0, so nobody is drawn')
  }

  private warnOfExperiment(use: Use, path: string): void {
    if (typeof use === 'string') return
    const reason = this.whyNoUnit(this.experiment(use).unit)
    if (reason !== undefined) this.around.found.warn(path, `uses an experiment that draws nobody: ${reason}`)
  }

  /** Undefined if there is a unit to draw by. */
  private whyNoUnit(own: string | undefined): string | undefined {
    if (own !== undefined) return undefined // already checked, with the rules
    const { contract, known } = this.around
    const example = `write unit: ${exampleUnit(this.around)}`
    if (contract.unit === undefined) return `neither it nor ${this.objective} has a unit; ${example}`
    const unit = readUnit(contract.unit)
    if (unit?.from !== 'context' || known.contextKeys?.has(unit.name) !== false) return undefined
    return `the unit of ${this.objective}, ${contract.unit}, is not a declared context key; ${example}`
  }

  private whyNobodyComes(version: string): string {
    const isArm = this.around.uses.some(
      (use) => typeof use !== 'string' && this.experiment(use).cells.some((cell) => cell.use === version),
    )
    return isArm
      ? 'is only in cells of an experiment, which a canary never changes'
      : `is not used by any matching rule or the default of ${this.objective}, so the canary never applies`
  }

  /** Every version that may answer, not counting overrides and fallbacks. */
  private answering(): ReadonlySet<string> {
    const { canary } = this.rules
    const answering = new Set(this.direct)
    for (const use of this.around.uses) {
      if (typeof use === 'string') continue
      // The first cell also answers requests without a unit.
      this.experiment(use).cells.forEach((cell, at) => {
        if (at === 0 || cell.percent > 0) answering.add(cell.use)
      })
    }
    if (canary !== undefined && this.direct.has(canary.of) && canary.percent > 0) {
      if (this.whyNoUnit(canary.unit) === undefined) answering.add(canary.to)
    }
    return answering
  }

  private experiment(use: Exclude<Use, string>): Experiment {
    return this.around.experiments[use.experiment]
  }
}

/** A unit to suggest: a declared context key that clients cannot set freely, else an id among the inputs. */
function exampleUnit({ known: { contextKeys = new Set(), freeKeys }, contract }: Surroundings): string {
  const key = [...contextKeys].find((name) => !freeKeys.has(name))
  if (key !== undefined) return `context.${key}`
  const id = contract.inputs.find(({ type }) => type.kind === 'ID')
  if (id !== undefined) return `input.${id.name}`
  const free = freeKeys.size === 0 ? '' : `, not from: client as ${[...freeKeys].join(', ')}`
  return `context.KEY, and declare KEY in presage.yaml with from: edge or from: token${free}`
}
