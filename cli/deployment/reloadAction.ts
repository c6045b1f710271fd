import type { Action } from '../../gateway/http/action'
import { requireRole } from '../../lib/request/roles'
import type { Report } from '../../serving/repository/modelLibrary'
import type { Address } from '../config/address'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { isOpen } from './createTrust'

/** Where a running process is asked to look at its repositories at once. */
export const reloadPath = '/v1/models:reload'

/**
 * What operators may have done. It takes their role; where the listener that they come to is open, since it can only be reached from
 * this machine and nobody has a token, whoever reaches it may.
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
