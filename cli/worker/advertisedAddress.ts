import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { addressOf } from '../../lib/addresses/addressOf'
import { LoadError } from '../../lib/errors'

type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'internal'>[] | undefined>
>

/**
 * By the port on which a worker listens, the address where others reach it: `advertise` if it is given, `host` or
 * `host:port`; else the host on which it listens. One that listens everywhere is reached at the machine's address.
 * Throws a LoadError if the machine has several.
 */
export function advertisedAddress(
  advertise: string | undefined,
  host: string,
  interfaces: Interfaces = networkInterfaces(),
): (port: number) => string {
  // An IPv6 address is in brackets there.
  if (advertise !== undefined) return (port) => (/:\d+$/.test(advertise) ? advertise : `${advertise}:${port}`)
  const own = host === '0.0.0.0' || host === '::' ? onlyAddress(interfaces) : host
  return (port) => addressOf(own, port)
}

function onlyAddress(interfaces: Interfaces): string {
  const all = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address)
  const four = all.filter((address) => !address.includes(':'))
  const usual = four.length > 0 ? four : all
  if (usual.length === 1) return usual[0]
  throw new LoadError([
    `worker.advertise: must be given, since this machine does not have one address, but: ${usual.join(', ') || 'none'}`,
  ])
}
