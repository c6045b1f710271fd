/** What one client request may ask for, checked before anything is executed. */
export interface GatewayLimits {
  /** Fields in one operation, each use through a fragment counted: planning time grows faster than their number. */
  readonly fields: number
  /** Prediction fields among them. */
  readonly predictionAliases: number
  /** Entries of any list in arguments or variables; lists inside a custom scalar are the resolver's business. */
  readonly listLength: number
}

export const defaultLimits: GatewayLimits = Object.freeze({
  fields: 1000,
  predictionAliases: 100,
  listLength: 1000,
})
