import '../../lib/scheduling/giveWayFirst'
import { answerTasks } from '../../lib/scheduling/answerTasks'
import { readRuleText } from '../parse/readRuleText'
import type { RuleText } from './readRuleSet'

/** The main module of the thread that reads rules. */
answerTasks(({ text, file }: RuleText) => readRuleText(text, file))
