import { systemClock } from '../../lib/clock'
import { type ClientRequest, createClientRequest } from '../../lib/request/clientRequest'
import { grantedRoles } from '../../lib/request/roles'
import { type Trial, trialHeader } from './trial'

/** What everybody may do who asks, whoever is asked. */
export const roles = grantedRoles(['researcher'])

/** The client request of a trial, for who is not asked over HTTP. */
export function requestOf({ id }: Trial): ClientRequest {
  const deadline = systemClock.now() + 60_000
  return createClientRequest({ id, deadline, roles, headers: { [trialHeader]: id } })
}
