import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import type { ListNode } from '../../lib/scheduling/linkedList'
import type { OperationServer } from '../apollo/operationServer'
import type { ResolveDocument } from '../apollo/trustedDocuments'
import type { HttpDrain } from '../http/httpDrain'
import type { Outcome } from '../http/requestReport'
import type { ReadRequest } from '../identity/requestReader'
import type { OverloadHandler } from '../overload/overloadHandler'

/** What all requests to /graphql of one server share. */
export interface GraphqlEndpoint {
  readonly clock: Clock
  readonly overload: OverloadHandler
  readonly drain: HttpDrain
  readonly readRequest: ReadRequest
  readonly operations: OperationServer
  readonly maxBodyBytes: number
  /** How long a client may take to read a long answer, in milliseconds. */
  readonly takeMs: number
  /** The most operations in one body. */
  readonly maxOperations: number
  /** If absent, documents cannot be named. */
  readonly resolveDocument?: ResolveDocument | undefined
  report(outcome: Outcome): void
  /** Logs an error that clients may not see, and ends the response. */
  fail(error: unknown, response: ServerResponse, requestId: string): void
}

/** One request as it came over HTTP. */
export interface AskedOverHttp {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** The query string with its question mark, or empty. */
  readonly search: string
  /** The response's entry in the drain. */
  readonly place: ListNode<ServerResponse>
  /** Further headers of the response, names and values in turn. */
  readonly head: readonly string[]
  /** The body, if it has been read already. */
  readonly body?: string
}
