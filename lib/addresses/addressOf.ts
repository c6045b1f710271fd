/** A host with its port; an address of IPv6 is in brackets: `10.0.0.5:8000`, `[::1]:8000`. */
export function addressOf(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
