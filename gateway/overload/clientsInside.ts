import { ReusedEntries } from '../../lib/reusedEntries'

/**
 * Counts the requests in flight of each client, by address: nothing else of a client is known before its request is
 * read.
 */
export class ClientsInside {
  private readonly counts = new ReusedEntries<{ inside: number }>(
    () => ({ inside: 0 }),
    ({ inside }) => inside === 0,
  )
  private clients = 0

  /** How many clients have requests in flight. */
  get size(): number {
    return this.clients
  }

  countOf(address: string): number {
    return this.counts.get(address)?.inside ?? 0
  }

  enter(address: string): void {
    const count = this.counts.getOrMake(address, this.clients)
    if (count.inside++ === 0) this.clients++
  }

  /** Returns how many of the client's requests remain in flight. */
  leave(address: string): number {
    const count = this.counts.get(address)!
    if (--count.inside === 0) this.clients--
    return count.inside
  }
}
