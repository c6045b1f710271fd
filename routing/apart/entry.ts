import '../../lib/scheduling/giveWayFirst'
import { answerTasks } from '../../lib/scheduling/answerTasks'
import { parseRuleSet, parseStoredRules } from '../parse/parseRuleSet'
import type { ReadRules, RuleText } from './readRuleSet'

/** The main module of the thread that reads rules. */
answerTasks(({ text, file, known }: RuleText): ReadRules => {
  const warnings: string[] = []
  if (file === undefined) return { ruleSet: parseStoredRules(text, known), warnings }
  const ruleSet = parseRuleSet(text, file, known, (line) => warnings.push(line))
  return { ruleSet, warnings }
})
