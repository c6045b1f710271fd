import type { ClientRequest } from '../../lib/request/clientRequest'
import type { WrittenAnswer } from '../response/writeAnswer'
import type { Variables } from '../run/planRun'

/** The answer of an operation that ran: its data as JSON, in pieces where it is long, and the errors of what is null in it. */
export interface OperationResult extends WrittenAnswer {
  /** Only where the request asked for them. */
  readonly extensions?: object
}

/** An operation that was valid before, ready to run again. */
export interface KnownOperation {
  readonly name: string | null
  /** The same object for all texts that differ in nothing but their literals. */
  readonly shape: object
  /**
   * Coerces the variables for `run`. Undefined where one is wrong, or where nothing is compiled for these values of the conditions: then
   * Apollo Server answers.
   */
  readVariables(variables: Variables): Variables | undefined
  run(variables: Variables, request: ClientRequest): Promise<OperationResult>
}
