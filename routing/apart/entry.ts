import '../../lib/giveWayFirst'
import { answerTasks } from '../../lib/answerTasks'
import { readRuleText } from '../readRuleText'
import type { RuleText } from './readRuleSet'

/** What the thread that reads rules runs. */
answerTasks(({ text, file }: RuleText) => readRuleText(text, file))
