import { type AnswerBudget, defaultAnswerBudget } from './answerBudget'

/** What one client request may ask for, checked before anything is executed; and how large its answer may be. */
export interface GatewayLimits {
  /** Fields in one operation, each use through a fragment counted: planning time grows faster than their number. */
  readonly fields: number
  /** Fields at the root, which are the work that an operation starts at once. */
  readonly rootFields: number
  /** How deep fields nest; fragments do not count as levels. */
  readonly depth: number
  /** Directives, each use through a fragment counted. */
  readonly directives: number
  /** Prediction fields among the fields. */
  readonly predictionAliases: number
  /** Entries of any list in arguments or variables; lists inside a custom scalar are the resolver's business. */
  readonly listLength: number
  /** Estimated before anything is executed, and counted while the answer is made. */
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
