import '../../lib/scheduling/giveWayFirst'
import { answerTasks } from '../../lib/scheduling/answerTasks'
import { parseRuleSet } from '../parse/parseRuleSet'
import type { ReadRules, RuleText } from './readRuleSet'

/** The main module of the thread that reads rules. */
answerTasks(({ text, file, known }: RuleText): ReadRules => {
  const warnings: string[] = []
  const ruleSet = parseRuleSet(text, file, known, (line) => warnings.push(line))
  return { ruleSet, warnings }
})
