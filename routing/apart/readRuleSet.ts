import { TaskThread } from '../../lib/scheduling/taskThread'
import { parseRuleSet, toRuleSet } from '../parse/parseRuleSet'
import type { KnownNames } from '../ruleSet/knownNames'
import type { RuleSet } from '../ruleSet/ruleSet'

export interface RuleText {
  readonly text: string
  readonly file: string
}

/** In characters. Reading less than this takes less time than starting a thread. */
const maxHere = 8 * 1024

const thread = new TaskThread<RuleText, unknown>({ entry: 'routing/apart/entry' })

/**
 * As `parseRuleSet`, without blocking requests: a long text is read in a thread of its own, and refused if that takes
 * too long.
 */
export async function readRuleSet(
  text: string,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): Promise<RuleSet> {
  if (text.length <= maxHere) return parseRuleSet(text, file, known, warn)
  const { reply } = await thread.run({ text, file }, file || 'rules')
  return toRuleSet(reply, file, known, warn)
}
