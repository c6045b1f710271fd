import { type TrustedDocuments, unfitDocuments } from '../../gateway/apollo/trustedDocuments'
import {
  type HttpDoorOptions,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../gateway/server/httpServer'
import { systemClock } from '../../lib/clock'
import type { Log } from '../../lib/log'
import { fairShares } from '../../lib/request/fairShares'
import type { Address } from '../config/address'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { loadTrustedDocuments } from '../config/documentsConfig'
import { createLog } from '../config/logConfig'
import { createTrust } from './createTrust'
import { listenProblem } from './listenProblem'

type DoorParts = Pick<
  HttpServerOptions,
  'gateway' | 'actions' | 'adminActions' | 'metricsText' | 'readiness'
> & {
  /** Whether clients may send the ids of trusted documents. */
  readonly takesDocuments: boolean
} & Partial<Pick<HttpDoorOptions, 'defaultTimeoutMs' | 'maxBodyBytes' | 'metrics'>>

/** Opens the HTTP server of a process as configured. Throws a LoadError if the address is not available. */
export async function openDoor(config: Config, address: Address, parts: DoorParts): Promise<HttpServer> {
  const { server, limits, context } = config
  const host = address.host ?? server.host
  const port = address.port ?? server.port
  const admin = adminAddress(config, address)
  const trust = createTrust(config, host)
  fairShares.share({ by: server.fairness.by, weights: new Map(Object.entries(server.fairness.weights)) })
  const log = createLog(config.log)
  const trustedDocuments = loadDocuments(config, parts, log)
  try {
    return await startHttpServer({
      defaultTimeoutMs: server.timeout,
      maxBodyBytes: limits.bodyBytes,
      ...parts,
      host,
      port,
      admin,
      context: new Map(Object.entries(context)),
      trust,
      explain: config.explain,
      bypassCache: config.cache.bypass,
      trustedDocuments,
      closeGraceMs: server.grace,
      clock: systemClock,
      introspection: server.introspection,
      log,
      ide: server.ide,
      maxTokens: limits.tokens,
      maxOperations: limits.operations,
      corsOrigins: server.cors.origins,
    })
  } catch (error) {
    throw listenProblem(error, config)
  }
}

function loadDocuments(config: Config, parts: DoorParts, log: Log): TrustedDocuments | undefined {
  if (config.trustedDocuments === undefined || !parts.takesDocuments) return undefined
  const documents = loadTrustedDocuments(config.trustedDocuments)
  for (const line of unfitDocuments(documents.byId, parts.gateway)) log.write('warn', line)
  return documents
}
