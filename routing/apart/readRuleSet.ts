import { LoadError } from '../../lib/errors'
import { TaskThread } from '../../lib/scheduling/taskThread'
import { parseRuleSet, toRuleSet } from '../parse/parseRuleSet'
import type { KnownNames } from '../ruleSet/knownNames'
import type { RuleSet } from '../ruleSet/ruleSet'

export interface RuleText {
  readonly text: string
  readonly file: string
  /** Asks where these stand in the text, and not for what it says. */
  readonly paths?: readonly string[]
}

/** In characters. Reading less than this takes less time than starting a thread. */
const maxHere = 8 * 1024

const thread = new TaskThread<RuleText, unknown>({ entry: 'routing/apart/entry' })

/** As `parseRuleSet`, without blocking requests: long texts are read in a thread, with a limit in time. */
export async function readRuleSet(
  text: string,
  file: string,
  known?: KnownNames,
  warn?: (line: string) => void,
): Promise<RuleSet> {
  if (text.length <= maxHere) return parseRuleSet(text, file, known, warn)
  const about = file || 'rules'
  const { reply } = await thread.run({ text, file }, about)
  const paths = new Set<string>()
  const note = (path: string) => {
    paths.add(path)
    return file
  }
  try {
    const ruleSet = toRuleSet(reply, file, known, () => {}, note)
    if (paths.size === 0) return ruleSet
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
  }
  const asked = [...paths]
  const found = (await thread.run({ text, file, paths: asked }, about)).reply as readonly string[]
  const places = new Map(asked.map((path, at) => [path, found[at]]))
  return toRuleSet(reply, file, known, warn, (path) => places.get(path) ?? file)
}
