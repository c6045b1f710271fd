import { deepFreeze } from '../../lib/deepFreeze'
import { TaskThread } from '../../lib/scheduling/taskThread'
import { parseRuleSet, parseStoredRules } from '../parse/parseRuleSet'
import type { KnownNames } from '../ruleSet/knownNames'
import type { RuleSet } from '../ruleSet/ruleSet'

/** A rule file or, without `file`, a stored version. */
export type RuleText =
  | { readonly text: string; readonly file: string; readonly known: KnownNames | undefined }
  | { readonly text: string; readonly file?: undefined; readonly known: KnownNames }

export interface ReadRules {
  readonly ruleSet: RuleSet
  readonly warnings: readonly string[]
}

/** In characters. Reading less than this takes less time than starting a thread. */
const maxHere = 8 * 1024

const thread = new TaskThread<RuleText, ReadRules>({ entry: 'routing/apart/entry' })

/**
 * As `parseRuleSet`, without blocking requests: long texts are read and checked in a thread, with a limit in time.
 * What comes of them is copied to this one.
 */
export async function readRuleSet(
  text: string,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): Promise<RuleSet> {
  if (text.length <= maxHere) return parseRuleSet(text, file, known, warn)
  const { ruleSet, warnings } = (await thread.run({ text, file, known }, file || 'rules')).reply
  for (const line of warnings) warn?.(line)
  return deepFreeze(ruleSet)
}

/** As `parseStoredRules`, without blocking requests. */
export async function readStoredRules(text: string, known: KnownNames): Promise<RuleSet> {
  if (text.length <= maxHere) return parseStoredRules(text, known)
  return deepFreeze((await thread.run({ text, known }, 'rules')).reply.ruleSet)
}
