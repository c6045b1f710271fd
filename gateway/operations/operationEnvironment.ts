import type { GraphQLSchema } from 'graphql'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import type { ListSizes } from '../../federation/supergraph/listSizes'
import type { Deadlines } from '../../lib/clock'
import type { Counter } from '../../lib/metrics'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Explain } from '../../lib/request/explain'
import type { AnswerBudget } from '../limits/answerBudget'
import type { PlanRun, Step } from '../run/planRun'

/** What all operations of one schema are compiled and run with. */
export interface OperationEnvironment {
  readonly schema: GraphQLSchema
  readonly maxListLength: number
  readonly budget: AnswerBudget
  /** If absent, the sizes of answers are not estimated. */
  readonly listSizes?: ListSizes | undefined
  /** Tell runs when their request's deadline passes. */
  readonly deadlines: Deadlines<PlanRun>
  /** Makes the answer's extensions from the explanations of its predictions; undefined if there is nothing to tell. */
  readonly explained: (told: Explain, request: ClientRequest) => object | undefined
  readonly hits: Counter
  /** Throws if the client has had too many operations compiled. */
  admit(request: ClientRequest): void
  /** Compiles the fetches of a part. Throws NOT_SUPPORTED if the part cannot be fetched in this form. */
  stepFor(part: NormalOperation): Step
}
