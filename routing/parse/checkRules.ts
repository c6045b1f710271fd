import { keyText } from '../../lib/files/shapeProblems'
import { checkExperiment, checkExperimentFor } from '../checks/experiment'
import { checkObjective } from '../checks/objective'
import { Part } from '../checks/part'
import { checkPlaced, checkPlacement, checkUnplaced } from '../checks/placement'
import { checkPlainValue } from '../checks/plainValue'
import { experimentOf } from '../checks/use'
import type { ValidationContext } from '../checks/validationContext'
import type { KnownNames } from '../ruleSet/knownNames'
import { RuleProblems } from '../ruleSet/problems'
import type { RuleSet } from '../ruleSet/ruleSet'
import { warnOfDeadRules } from './deadRules'
import { warnOfIdleDraws } from './idleDraws'

/**
 * Checks the parsed content of a rule file: its shape and, with `known`, every name in it. Finds all problems and
 * warnings at once, as far as possible in the order of the file.
 */
export function checkRules(value: unknown, known?: KnownNames): RuleProblems {
  const found = new RuleProblems()
  if (!checkPlainValue(value, found)) return found
  const ruleSet = new Part(value, '', found)
  if (!ruleSet.hasKeys(['objectives'], ['message', 'experiments', 'placement'])) return found
  const message = ruleSet.at('message')
  if (message.isGiven && typeof message.value !== 'string') message.mustBe('text')
  const objectives = ruleSet.at('objectives')
  const byName = objectives.named('rules')
  const experiments = ruleSet.at('experiments')
  const eachExperiment = experiments.named('experiments')
  const placement = checkPlacement(ruleSet.at('placement'))
  for (const [name, rules] of byName) {
    const contract = known?.objectives.get(name)
    checkOne(name, rules, { known, objective: name, contract, experiments, placement })
  }
  for (const [, experiment] of eachExperiment) checkExperiment(experiment, known)
  if (known === undefined) return found
  for (const [name, field] of known.asked) {
    if (objectives.has(name)) continue
    const version = newestFor(name, known)
    const example = version === undefined ? '' : `; write ${name}: { default: ${version} }`
    objectives
      .at(name)
      .refuse(
        `must have a default, since prediction fields ask for it, such as ${field}, got nothing${example}`,
      )
  }
  checkPlaced(placement, ruleSet.at('placement'), known)
  if (found.problems.length === 0) {
    checkUnplaced({ ...(value as RuleSet), placement }, ruleSet.at('placement'), known)
    const uses = warnOfDeadRules(value as RuleSet, known, found)
    warnOfIdleDraws(value as RuleSet, known, uses, found)
  }
  return found
}

/** The newest version that serves an objective. Of several models, the last by name. */
function newestFor(objective: string, { serves }: KnownNames): string | undefined {
  const versions = [...serves].flatMap(([key, names]) => (names.includes(objective) ? [key] : []))
  return versions.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1)
}

function checkOne(name: string, rules: Part, context: ValidationContext): void {
  const { known } = context
  if (known !== undefined && !known.objectives.has(name)) {
    rules.refuseName('must be an objective', name, () => [...known.objectives.keys()].sort(), keyText(name))
  }
  checkObjective(rules, context)
  if (known === undefined) return
  for (const experiment of experimentsOf(rules)) checkExperimentFor(experiment, context)
}

/** The distinct experiments to which the rules or the default of an objective lead. */
function experimentsOf(rules: Part): ReadonlySet<string> {
  const uses = [...rules.at('rules').items.map((rule) => rule.at('use')), rules.at('default')]
  return new Set(uses.flatMap((use) => experimentOf(use) ?? []))
}
