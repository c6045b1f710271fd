import { lookup } from 'node:dns/promises'

/** The addresses that the system finds for a host: IPv6 only where there is no IPv4, since one that has both is one host. */
export async function systemAddresses(host: string): Promise<readonly string[]> {
  const all = await lookup(host, { all: true })
  const four = all.filter(({ family }) => family === 4)
  return (four.length > 0 ? four : all).map(({ address }) => address)
}
