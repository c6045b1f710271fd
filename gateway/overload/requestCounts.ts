import { ReusedEntries } from '../../lib/reusedEntries'

/** Counts requests by client, or by what else identifies their senders. */
export class RequestCounts {
  private readonly counts = new ReusedEntries<{ requests: number }>(
    () => ({ requests: 0 }),
    ({ requests }) => requests === 0,
  )
  private senders = 0

  /** How many senders have requests. */
  get size(): number {
    return this.senders
  }

  countOf(sender: string): number {
    return this.counts.get(sender)?.requests ?? 0
  }

  add(sender: string): void {
    const count = this.counts.getOrMake(sender, this.senders)
    if (count.requests++ === 0) this.senders++
  }

  /** Returns how many of the sender's requests remain. */
  remove(sender: string): number {
    const count = this.counts.get(sender)!
    if (--count.requests === 0) this.senders--
    return count.requests
  }
}
