import { addressOf } from '../../lib/addresses/addressOf'

/** What matters here of an EndpointSlice, `discovery.k8s.io/v1`. */
export interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly addressType: string
  /** Go writes an empty list as null. */
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null
}

interface SliceEndpoint {
  /** Any of them leads to the endpoint. */
  readonly addresses: readonly string[]
  readonly conditions?: {
    readonly ready?: boolean
    readonly serving?: boolean
    readonly terminating?: boolean
  }
}

/**
 * The addresses, `host:port`, of a service's endpoints: those that serve and do not terminate; if all terminate, those
 * that still serve, as kube-proxy does it. Throws an error if the port cannot be told.
 */
export function addressesIn(slices: Iterable<EndpointSlice>, port: string | undefined): readonly string[] {
  const filled = [...slices].filter(({ endpoints }) => endpoints?.some(serves))
  // A pod of a service with two families is in slices of both.
  const isIpv4 = filled.some(({ addressType }) => addressType === 'IPv4')
  const serving = filled
    .filter(({ addressType }) => !isIpv4 || addressType !== 'IPv6')
    .flatMap((slice) => {
      const number = portOf(slice, port)
      return slice.endpoints!.filter(serves).map(({ addresses: [host], conditions }) => ({
        address: addressOf(host, number),
        isTerminating: conditions?.terminating === true,
      }))
    })
  const staying = serving.filter(({ isTerminating }) => !isTerminating)
  return (staying.length > 0 ? staying : serving).map(({ address }) => address)
}

function serves({ conditions }: SliceEndpoint): boolean {
  return conditions?.serving ?? conditions?.ready ?? true
}

function portOf({ ports, metadata }: EndpointSlice, name: string | undefined): number {
  const all = ports ?? []
  const found = name === undefined ? all : all.filter((port) => port.name === name)
  const number = found.length === 1 ? found[0].port : undefined
  if (number !== undefined) return number
  const names = all.map((port) => port.name ?? '').join(', ')
  throw new Error(
    name === undefined
      ? `port: must be given, since EndpointSlice ${metadata.name} does not have one port, but: ${names}`
      : `port: must be a port of EndpointSlice ${metadata.name} (${names}), got ${name}`,
  )
}
