import type { GraphQLSchema } from 'graphql'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import type { ListSizes } from '../../federation/supergraph/listSizes'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { AnswerBudget } from '../limits/answerBudget'
import type { Step } from '../run/planRun'

/** What all operations of one schema are compiled with. */
export interface OperationEnvironment {
  readonly schema: GraphQLSchema
  readonly maxListLength: number
  readonly budget: AnswerBudget
  /** If absent, the sizes of answers are not estimated. */
  readonly listSizes?: ListSizes | undefined
  /** Throws if the client has had too many operations compiled. */
  admit(request: ClientRequest): void
  /**
   * Compiles the fetches of a part of an operation. Throws NOT_SUPPORTED if the part cannot be fetched in this form.
   */
  stepFor(part: NormalOperation): Step
}
