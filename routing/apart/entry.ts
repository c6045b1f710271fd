import '../../lib/scheduling/giveWayFirst'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { answerTasks } from '../../lib/scheduling/answerTasks'
import { readRuleText } from '../parse/readRuleText'
import type { RuleText } from './readRuleSet'

/** The main module of the thread that reads rules. */
answerTasks(({ text, file, paths }: RuleText) =>
  paths === undefined ? readRuleText(text, file) : paths.map(yamlPlaces(text, file)),
)
