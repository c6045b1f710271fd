import type { IncomingMessage } from 'node:http'
import { compileProxies, loopbackNetworks } from '../identity/trustedProxies'

/**
 * Whether a request comes from a program on this machine that asks this server itself. What a proxy on this machine passes on comes
 * from loopback too, and says so in a header; and a page whose host's name was made to lead here asks in that name.
 */
export function isLocalClient({ headers, socket }: IncomingMessage): boolean {
  if (!isLoopbackPeer(socket.remoteAddress ?? '')) return false
  if (!localHost.test(headers.host ?? '')) return false
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || proxyHeaders.has(name))
}

const isLoopbackPeer = compileProxies(loopbackNetworks)

/** What a server on this machine may be called; 0.0.0.0 and [::] are what it says itself when it listens everywhere. */
const localHost = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])(:\d+)?$/i

const proxyHeaders = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-original-forwarded-for',
  'x-envoy-external-address',
  'cf-connecting-ip',
  'true-client-ip',
])
