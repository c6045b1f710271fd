import type { ListenAddress } from '../../gateway/http/listen'
import { isLoopback } from '../../lib/addresses/loopback'
import { LoadError } from '../../lib/errors'
import type { Address } from './address'
import type { Config } from './config'

/** The operators' own listener, if there is one. Throws a LoadError for a host without a port. */
export function adminAddress(
  { server: { admin } }: Config,
  { adminHost, adminPort }: Address,
): ListenAddress | undefined {
  const port = adminPort ?? admin?.port
  if (port !== undefined) return { host: adminHost ?? admin?.host ?? loopback, port }
  if (adminHost === undefined) return undefined
  throw new LoadError([
    `--admin-host: must come with --admin-port or server.admin of the configuration, got ${adminHost} alone`,
  ])
}

/** Tells the operator where metrics are. `url` is the operators' own listener, `host` the graph's. */
export function adminReport(url: string | undefined, host: string): readonly string[] {
  if (url !== undefined) return [`Operators find metrics, health and reloads at ${url}`]
  if (isLoopback(host)) return []
  return ['Metrics and health details are for this machine only: server.admin gives them an address.']
}

/** Tells where the pages for browsers are, of those that are enabled, and which may not ask. `url` is the graph's. */
export function browserReport(config: ReportedConfig, url: string): readonly string[] {
  return [...ideReport(config, url), ...consoleReport(config, url)]
}

type ReportedConfig = Pick<Config, 'server' | 'console' | 'trustedDocuments'>

function ideReport({ server, trustedDocuments }: ReportedConfig, url: string): readonly string[] {
  if (!server.ide) return []
  if (trustedDocuments?.only) return ['GraphiQL cannot ask: trustedDocuments.only refuses its documents']
  return [`GraphiQL is at ${new URL('/', url)}`]
}

function consoleReport({ console, trustedDocuments }: ReportedConfig, url: string): readonly string[] {
  if (console === false) return []
  const limit = trustedDocuments?.only
    ? ', with metrics only: trustedDocuments.only refuses its documents'
    : ''
  return [`The console is at ${new URL('/console', url)}${limit}`]
}

const loopback = '127.0.0.1'
