import { loopbackNetworks } from '../../gateway/identity/trustedProxies'
import { isLoopback } from '../../lib/addresses/loopback'
import type { Config } from '../config/config'
import { envelopeKeys } from '../config/trustConfig'
import { isOpen } from './createTrust'

/** Tells the operator who may do what at an HTTP server that listens on `host`. */
export function trustReport({ trust, context, platform, tryModel }: Config, host: string): readonly string[] {
  if (isOpen(trust, host)) {
    const trying = platform !== false && tryModel ? ' and run any model version (tryModel)' : ''
    const reading = platform !== false ? 'see models and rules, and ' : ''
    return [
      `Anyone who reaches this server may read it${trying}.`,
      `All have the role researcher here: they ${reading}may send x-presage-explain and x-presage-override.`,
    ]
  }
  if (isLoopback(host)) return []
  const report: string[] = []
  if (platform !== false && trust.jwt === undefined && envelopeKeys(trust).length === 0) {
    report.push(
      `It listens on ${host}, which others can reach: reading the platform needs a role, and without trust.jwt nobody has one.`,
    )
  }
  return [...report, ...edgeReport({ trust, context }, host)]
}

/** Context keys that no request can have, because no trusted proxies are configured to set them. */
export function edgeReport(
  { trust, context }: Pick<Config, 'trust' | 'context'>,
  host: string,
): readonly string[] {
  if (isLoopback(host)) return []
  const edge = Object.keys(context).filter((key) => context[key].from === 'edge')
  const isOwnMachine = trust.trustedProxies.every((network) => loopbackNetworks.includes(network))
  if (edge.length === 0 || !isOwnMachine) return []
  return [
    `Headers for context.${edge.join(', context.')} count only from trust.trustedProxies, which is this machine.`,
  ]
}

/** Context keys that never reach a subgraph behind a gateway, for lack of a key for envelopes and of forwarded headers. */
export function forwardingReport({
  trust,
  context,
  gateway: { all, subgraphs },
}: Pick<Config, 'trust' | 'context' | 'gateway'>): readonly string[] {
  if (envelopeKeys(trust).length > 0) return []
  const lists = [all, ...Object.values(subgraphs)].flatMap(({ forwardHeaders = [] }) => forwardHeaders)
  const forwarded = new Set(lists.map((header) => header.toLowerCase()))
  const headerOf = (key: string) => {
    const source = context[key]
    return source.from === 'token' ? 'authorization' : source.header
  }
  const lost = Object.keys(context).filter((key) => !forwarded.has(headerOf(key)))
  if (lost.length === 0) return []
  const headers = [...new Set(lost.map(headerOf))].join(', ')
  return [
    `Subgraphs learn nothing of context.${lost.join(', context.')}: set the same trust.envelopeKey for them and here, or list ${headers} in gateway.all.forwardHeaders.`,
  ]
}
