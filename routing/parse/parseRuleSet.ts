import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import type { PlaceOf } from '../../lib/files/shapeProblems'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import type { KnownNames } from '../ruleSet/knownNames'
import { ownRules } from '../ruleSet/ownRules'
import { problemLine } from '../ruleSet/problems'
import type { RuleSet } from '../ruleSet/ruleSet'
import { checkRules } from './checkRules'
import { readRuleText } from './readRuleText'

/** A rule set as files contain it: a single shard need not be a list, and empty parts may be left out. */
export type RuleSetSource = Omit<RuleSet, 'experiments' | 'placement'> & {
  readonly experiments?: RuleSet['experiments']
  readonly placement?: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Parses a rule file's text, YAML or JSON. Throws a LoadError with all problems of its shape and, if names are known,
 * of its names. `warn` gets one line for each thing that is allowed but probably a mistake.
 */
export function parseRuleSet(
  text: string,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): RuleSet {
  return toRuleSet(readRuleText(text, file), file, known, warn, yamlPlaces(text, file))
}

/**
 * Parses the text of a stored version, as far as it is about objectives that are known. Throws a LoadError with all
 * problems of these.
 */
export function parseStoredRules(text: string, known: KnownNames): RuleSet {
  const own = ownRules(parseRuleSet(text, ''), known.objectives)
  checkRuleSet(own, '', known)
  return own
}

/** As `parseRuleSet`, for plain values that were read already. Takes them over and freezes them. */
export function toRuleSet(
  value: unknown,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
  place: PlaceOf = () => file,
): RuleSet {
  checkRuleSet(value, file, known, warn, place)
  const { experiments = {}, placement = {}, ...rest } = value as RuleSetSource
  const lists = Object.entries(placement).map(([key, shards]) => {
    return [key, typeof shards === 'string' ? [shards] : shards] as const
  })
  return deepFreeze({ ...rest, experiments, placement: Object.fromEntries(lists) })
}

/** Throws a LoadError with every problem of a rule set, also with the names that exist if they are known. */
export function checkRuleSet(
  ruleSet: unknown,
  file: string,
  known: KnownNames | undefined,
  warn?: (line: string) => void,
  place: PlaceOf = () => file,
): void {
  const { problems, warnings } = checkRules(ruleSet, known)
  if (problems.length > 0)
    throw new LoadError(problems.map((problem) => problemLine(problem, place(problem.path))))
  for (const warning of warnings) warn?.(problemLine(warning, place(warning.path)))
}
