import { ReusedEntries } from '../../lib/reusedEntries'

/** How many requests of each client are inside, by its address: all that is known of it at the door. */
export class ClientsInside {
  private readonly counts = new ReusedEntries<{ inside: number }>(
    () => ({ inside: 0 }),
    ({ inside }) => inside === 0,
  )
  private clients = 0

  /** How many clients have requests inside. */
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

  /** Returns how many of the client's are still inside. */
  leave(address: string): number {
    const count = this.counts.get(address)!
    if (--count.inside === 0) this.clients--
    return count.inside
  }
}
