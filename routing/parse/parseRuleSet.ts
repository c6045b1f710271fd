import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import type { KnownNames } from '../ruleSet/knownNames'
import { problemLine } from '../ruleSet/problems'
import type { RuleSet } from '../ruleSet/ruleSet'
import { checkRules } from './checkRules'
import { readRuleText } from './readRuleText'

/** A rule set as files hold it: where one shard is meant it stands alone, and what is empty may be left out. */
export type RuleSetSource = Omit<RuleSet, 'experiments' | 'placement'> & {
  readonly experiments?: RuleSet['experiments']
  readonly placement?: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Parses a rule file's text, YAML or JSON. Throws a LoadError with all problems of its shape, and where names are known, of
 * its names; `warn` is told, a line each, what is allowed and hardly meant.
 */
export function parseRuleSet(
  text: string,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): RuleSet {
  return toRuleSet(readRuleText(text, file), file, known, warn)
}

/** As `parseRuleSet`, of plain values that were read already and are nobody else's: they are frozen. */
export function toRuleSet(
  value: unknown,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): RuleSet {
  const { problems, warnings } = checkRules(value, known)
  if (problems.length > 0) throw new LoadError(problems.map((problem) => problemLine(problem, file)))
  for (const warning of warnings) warn?.(problemLine(warning, file))
  const { experiments = {}, placement = {}, ...rest } = value as RuleSetSource
  const lists = Object.entries(placement).map(([key, shards]) => {
    return [key, typeof shards === 'string' ? [shards] : shards] as const
  })
  return deepFreeze({ ...rest, experiments, placement: Object.fromEntries(lists) })
}

/** Throws a LoadError with every problem that a rule set has among the names that exist. */
export function checkRuleSet(
  ruleSet: RuleSet,
  file: string,
  known: KnownNames,
  warn?: (line: string) => void,
): void {
  const { problems, warnings } = checkRules(ruleSet, known)
  if (problems.length > 0) throw new LoadError(problems.map((problem) => problemLine(problem, file)))
  for (const warning of warnings) warn?.(problemLine(warning, file))
}
