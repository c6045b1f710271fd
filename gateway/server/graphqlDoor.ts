import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import type { ListNode } from '../../lib/scheduling/linkedList'
import type { OperationServer } from '../apollo/operationServer'
import type { ResolveDocument } from '../apollo/trustedDocuments'
import type { HttpDrain } from '../http/httpDrain'
import type { Outcome } from '../http/requestReport'
import type { ReadRequest } from '../identity/requestReader'
import type { OverloadHandler } from '../overload/overloadHandler'

/** What all requests to /graphql of one server come by. */
export interface GraphqlDoor {
  readonly clock: Clock
  readonly overload: OverloadHandler
  readonly drain: HttpDrain
  readonly readRequest: ReadRequest
  readonly operations: OperationServer
  readonly maxBodyBytes: number
  /** How long a client may need to take a long answer. */
  readonly takeMs: number
  /** Operations in one body. */
  readonly maxOperations: number
  /** Absent: documents cannot be named. */
  readonly resolveDocument?: ResolveDocument | undefined
  report(outcome: Outcome): void
  /** Takes what no client may see, and ends the response. */
  fail(error: unknown, response: ServerResponse, requestId: string): void
}

/** One request as it came over HTTP. */
export interface AskedOverHttp {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** The query string with its question mark, or nothing. */
  readonly search: string
  /** The response's in the drain. */
  readonly place: ListNode<ServerResponse>
  /** What the answer says beside what it says of itself, names and values in turn. */
  readonly head: readonly string[]
}
