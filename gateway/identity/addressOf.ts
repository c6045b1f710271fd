/**
 * The client's address, given the address of its peer. If the peer is a trusted proxy, that is the last address of
 * `x-forwarded-for` that does not belong to a trusted proxy.
 */
export function addressOf(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  isTrustedProxy: (address: string) => boolean,
): string {
  if (typeof forwardedFor !== 'string' || !isTrustedProxy(peer)) return peer
  const hops = forwardedFor.split(',').slice(-maxHops)
  let address = peer
  for (let i = hops.length - 1; i >= 0 && isTrustedProxy(address); i--) {
    const hop = hops[i].trim().slice(0, maxLength)
    if (hop === '') break
    address = hop
  }
  return address
}

const maxHops = 20
/** No address is longer. */
const maxLength = 45
