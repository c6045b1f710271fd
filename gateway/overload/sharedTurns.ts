/**
 * Keeps turns of the event loop short while several clients share it: one that comes waits for a few turns, however much the others ask. A turn
 * takes what its requests take, which is learned from the turns before.
 */
export class SharedTurns {
  private began = Number.NEGATIVE_INFINITY
  /** Of a turn, for each request that began in it. */
  private ms: number | undefined

  /** How many requests may begin in the turn that begins now; `begun` did in the one before. */
  most(now: number, begun: number): number {
    const elapsed = now - this.began
    this.began = now
    // After a rest it was no turn; and one that was much longer had a stall in it.
    if (begun > 0 && elapsed < stallMs) {
      const ms = elapsed / begun
      this.ms = this.ms === undefined ? ms : this.ms + (ms - this.ms) * learned
    }
    return this.ms === undefined ? Number.POSITIVE_INFINITY : Math.max(1, turnMs / this.ms)
  }
}

/** So long a turn should be, in milliseconds. */
const turnMs = 1
const stallMs = 20
/** How much the last turn counts. */
const learned = 0.1
