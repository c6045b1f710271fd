import { type AnswerBudget, defaultAnswerBudget } from './answerBudget'

/** Limits on one client request, checked before execution, and on the size of its answer. */
export interface GatewayLimits {
  /** Fields in one operation, counting every use of a fragment. Planning time grows faster than their number. */
  readonly fields: number
  /** Fields at the root, all of which start work at once. */
  readonly rootFields: number
  /** How deep fields nest; fragments do not count as levels. */
  readonly depth: number
  /** Directives, counting every use of a fragment. */
  readonly directives: number
  /** Prediction fields among the fields. */
  readonly predictionAliases: number
  /** Entries of any list in arguments or variables. Lists inside a custom scalar are left to the resolver. */
  readonly listLength: number
  /** Estimated before execution, and counted while the answer is made. */
  readonly answer: AnswerBudget
}

export const defaultLimits: GatewayLimits = Object.freeze({
  fields: 1000,
  rootFields: 100,
  depth: 40,
  directives: 100,
  predictionAliases: 100,
  listLength: 1000,
  answer: defaultAnswerBudget,
})
