import type { Action } from '../gateway/httpServer'
import { requireRole } from '../lib/roles'
import type { Report } from '../serving/modelLibrary'
import type { Config } from './config'
import { isOpen } from './createTrust'

/** Where a running process is asked to look at its repositories at once. */
export const reloadPath = '/v1/models:reload'

/**
 * The actions of a door that listens on `host`. To reload takes the role operator; at a door that is open, since it can only be
 * reached from this machine and nobody has a token, whoever reaches it may.
 */
export function modelActions(
  { trust, server }: Config,
  host = server.host,
  reload: () => Promise<Report>,
): ReadonlyMap<string, Action> {
  return new Map([
    [
      reloadPath,
      async (request) => {
        if (!isOpen(trust, host)) requireRole(request, 'operator')
        return { done: await reload() }
      },
    ],
  ])
}
