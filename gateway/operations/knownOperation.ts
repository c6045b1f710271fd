import type { ClientRequest } from '../../lib/request/clientRequest'
import type { WrittenAnswer } from '../response/writeAnswer'
import type { Variables } from '../run/planRun'

/** The result of an operation: its data as JSON (a list of buffers if it is long), and the errors behind its nulls. */
export interface OperationResult extends WrittenAnswer {
  /** Present only if the request asked for explanations. */
  readonly extensions?: object
  /** The data by columns, if that was asked for and can be. Then there are no errors, and `data` is empty. */
  readonly columns?: string
}

/** A valid operation that is compiled and ready to run again. */
export interface KnownOperation {
  readonly name: string | null
  /** The same object for all texts that differ only in their literals. */
  readonly shape: object
  /**
   * Coerces the variables for `run`. Undefined if one is invalid, or if nothing is compiled for this combination of
   * conditions; then Apollo Server answers.
   */
  readVariables(variables: Variables): Variables | undefined
  run(variables: Variables, request: ClientRequest, byColumns?: boolean): Promise<OperationResult>
}
