import type { IncomingMessage } from 'node:http'
import { compileProxies, loopbackNetworks } from '../identity/trustedProxies'

/**
 * Whether a request comes directly from a program on this machine. Requests that a local proxy forwards also come from
 * loopback, but carry a proxy header. A web page whose host name was rebound to this address sends that name as the
 * host.
 */
export function isLocalClient({ headers, socket }: IncomingMessage): boolean {
  if (!isLoopbackPeer(socket.remoteAddress ?? '')) return false
  if (!localHost.test(headers.host ?? '')) return false
  return !Object.keys(headers).some((name) => name.startsWith('x-forwarded') || proxyHeaders.has(name))
}

const isLoopbackPeer = compileProxies(loopbackNetworks)

/** Host names of a server on this machine. A server that listens on all addresses prints 0.0.0.0 or [::]. */
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
