import type { ClientRequest } from '../lib/request/clientRequest'
import { type Role, requireRole } from '../lib/request/roles'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'

/** A resolver of a root field for clients that have a role. */
export function forRole<Args, Result>(
  role: Role,
  resolve: (args: Args, request: ClientRequest) => Result,
): (_: unknown, args: Args, context: SubgraphContext) => Result {
  return (_, args, { request }) => {
    requireRole(request, role)
    return resolve(args, request)
  }
}
