/** The host, of IPv6 without brackets, and the port of `host:port`. */
export function splitAddress(address: string): [host: string, port: string] {
  const at = address.lastIndexOf(':')
  return [address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), address.slice(at + 1)]
}
