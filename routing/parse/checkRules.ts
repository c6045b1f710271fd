import { show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import { checkExperiment, checkExperimentFor } from '../checks/experiment'
import { checkObjective } from '../checks/objective'
import { checkPlaced, checkPlacement } from '../checks/placement'
import { checkPlainValue } from '../checks/plainValue'
import { checkKeys, checkNamed, type Entries, own } from '../checks/shape'
import { experimentOf } from '../checks/use'
import type { ValidationContext } from '../checks/validationContext'
import type { KnownNames } from '../ruleSet/knownNames'
import { below, RuleProblems } from '../ruleSet/problems'
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
  const keys = { required: ['objectives'], optional: ['message', 'experiments', 'placement'] }
  const ruleSet = checkKeys(value, '', keys, found)
  if (ruleSet === undefined) return found
  const message = own(ruleSet, 'message')
  if (message !== undefined && typeof message !== 'string') {
    found.refuse('message', `must be text, got ${show(message)}`)
  }
  const objectives = checkNamed(own(ruleSet, 'objectives'), 'objectives', 'rules', found)
  const experiments = checkNamed(own(ruleSet, 'experiments'), 'experiments', 'experiments', found)
  const placement = checkPlacement(own(ruleSet, 'placement'), found)
  for (const [name, rules] of Object.entries(objectives)) {
    const contract = known?.objectives.get(name)
    checkOne(name, rules, { found, known, objective: name, contract, experiments, placement })
  }
  for (const [name, experiment] of Object.entries(experiments)) {
    checkExperiment(experiment, below('experiments', name), { found, known })
  }
  if (known === undefined) return found
  for (const [name, field] of known.asked) {
    if (Object.hasOwn(objectives, name)) continue
    const version = newestFor(name, known)
    const example = version === undefined ? '' : `; write ${name}: { default: ${version} }`
    found.refuse(
      below('objectives', name),
      `must have a default, since prediction fields ask for it, such as ${field}, got nothing${example}`,
    )
  }
  const written = own(ruleSet, 'placement')
  checkPlaced(placement, isMap(written) ? written : {}, known, found)
  if (found.problems.length === 0) {
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

function checkOne(name: string, rules: unknown, validation: ValidationContext): void {
  const { found, known } = validation
  const path = below('objectives', name)
  if (known !== undefined && !known.objectives.has(name)) {
    const names = [...known.objectives.keys()].sort().join(', ') || 'there is none'
    found.refuse(
      path,
      `must be an objective (${names}), got ${keyText(name)}${didYouMean(name, known.objectives.keys())}`,
    )
  }
  checkObjective(rules, path, validation)
  if (known === undefined) return
  for (const experiment of experimentsOf(rules)) checkExperimentFor(experiment, validation)
}

/** The distinct experiments to which the rules or the default of an objective lead. */
function experimentsOf(rules: unknown): ReadonlySet<string> {
  if (!isMap(rules)) return new Set()
  const list = own(rules, 'rules')
  const uses = (Array.isArray(list) ? list : []).map(
    (rule: unknown) => isMap(rule) && own(rule as Entries, 'use'),
  )
  return new Set([...uses, own(rules, 'default')].flatMap((use) => experimentOf(use) ?? []))
}
