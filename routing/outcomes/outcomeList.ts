import type { Decision } from '../router'
import type { Lead } from './lead'

/**
 * Where the rules of all objectives lead, one objective after the other: a decision that is the same for everybody, or a lead
 * that is still to be asked. One list, so that a decision reads one place of it and nothing that tells where a list is.
 */
export type OutcomeList = (Decision | Lead)[]
