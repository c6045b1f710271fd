import type { Action } from '../../gateway/http/action'
import { requireRole } from '../../lib/request/roles'
import type { Report } from '../../serving/repository/modelLibrary'
import type { Address } from '../config/address'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { isOpen } from './createTrust'

/** Path of the request that makes a process check its repositories at once. */
export const reloadPath = '/v1/models:reload'

/**
 * The actions that operators may request. They need the operator's role. On an open listener, which only this machine
 * reaches and where no tokens are configured, any caller may request them.
 */
export function modelActions(
  config: Config,
  address: Address,
  reload: () => Promise<Report>,
): ReadonlyMap<string, Action> {
  const { trust, server } = config
  const { host } = adminAddress(config, address) ?? { host: address.host ?? server.host }
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
