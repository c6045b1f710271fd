import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import type { Address } from '../config/address'
import type { Config } from '../config/config'
import { member } from '../processes/member'
import { shareReload } from '../processes/siblings'
import { openHttpServer, type ServerParts } from './openHttpServer'
import { modelActions } from './reloadAction'
import { routeAction, routePath } from './routeAction'
import type { Runtime } from './startRuntime'

/** Predictions served over HTTP by this process. */
export interface Served {
  readonly url: string
  readonly port: number
  /** URL of the operators' listener, if it is a separate one. */
  readonly adminUrl: string | undefined
  readonly serving: PredictionRuntime
  /** Settles when each version is ready or refused, and the rules in effect are prepared or cannot be. */
  readonly loaded: Promise<void>
  /** Finishes the requests in flight, then ends the server and the workers. */
  close(): Promise<void>
}

/**
 * Opens the HTTP server, then starts to load the models. Until they are ready, `/health/ready` tells what is missing,
 * and predictions answer `MODEL_NOT_READY`. Where other processes serve at the same address, the models are loaded
 * first, since any of them may get a request. Rejects, with the runtime disposed, with a LoadError if the address is not
 * available.
 */
export async function serveRuntime(
  config: Config,
  address: Address,
  { serving, resolveRoute, readiness, reload, load, dispose }: Omit<Runtime<unknown>, 'graph' | 'resolvers'>,
  optionsOf: () => Omit<ServerParts, 'actions' | 'adminActions' | 'readiness'>,
): Promise<Served> {
  try {
    const options = optionsOf()
    const joins = member !== undefined && !member.isFirst
    if (joins) await load()
    const server = await openHttpServer(config, address, {
      ...options,
      actions: new Map([[routePath, routeAction(resolveRoute)]]),
      adminActions: modelActions(config, address, shareReload(reload)),
      readiness,
    })
    let closing: Promise<void> | undefined
    return {
      url: `${server.url}/graphql`,
      port: server.port,
      adminUrl: server.adminUrl,
      serving,
      // In the same turn in which the server opened, so that no request finds an empty registry.
      loaded: joins ? Promise.resolve() : load(),
      close() {
        closing ??= server.close().finally(dispose)
        return closing
      },
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
