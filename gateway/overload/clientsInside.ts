/** How many requests of each client are inside, by its address: all that is known of it at the door. */
export class ClientsInside {
  /** Some of none as well: those who come back all the time would cost an entry each time. */
  private readonly counts = new Map<string, { inside: number }>()
  private clients = 0

  /** How many clients have requests inside. */
  get size(): number {
    return this.clients
  }

  countOf(address: string): number {
    return this.counts.get(address)?.inside ?? 0
  }

  enter(address: string): void {
    let count = this.counts.get(address)
    if (count === undefined) {
      if (this.counts.size >= mostIdle + 2 * this.clients) this.forgetIdle()
      count = { inside: 0 }
      this.counts.set(address, count)
    }
    if (count.inside++ === 0) this.clients++
  }

  /** Returns how many of the client's are still inside. */
  leave(address: string): number {
    const count = this.counts.get(address)!
    if (--count.inside === 0) this.clients--
    return count.inside
  }

  private forgetIdle(): void {
    for (const [address, { inside }] of this.counts) if (inside === 0) this.counts.delete(address)
  }
}

/** So many addresses without requests are remembered at least. */
const mostIdle = 64
