import '../../lib/scheduling/giveWayFirst'
import { answerTasks } from '../../lib/scheduling/answerTasks'
import { readRuleText } from '../parse/readRuleText'
import type { RuleText } from './readRuleSet'

/** What the thread that reads rules runs. */
answerTasks(({ text, file }: RuleText) => readRuleText(text, file))
