import type { Decision } from '../ruleSet/router'
import type { Answer } from './answer'
import type { Lead } from './lead'

/**
 * Where the rules of all objectives lead, one objective after the other, two entries each. The first is a lead that is still
 * to be asked; or, of a rule, the version that its decisions are made of; or, of a default, the decision. The second is the
 * rule's name. One list, so that a decision reads one place of it and nothing that tells where a list is.
 */
export type OutcomeList = (Decision | Answer | Lead | string | undefined)[]
