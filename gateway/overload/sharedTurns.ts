/**
 * Keeps turns of the event loop short while several clients share it: a new request waits only a few turns, however
 * much the others ask. How long a request takes is learned from previous turns.
 */
export class SharedTurns {
  private began = Number.NEGATIVE_INFINITY
  /** Average milliseconds of a turn per request started in it. */
  private ms: number | undefined

  /** How many requests may start in the turn that begins now. `begun` requests started in the previous turn. */
  most(now: number, begun: number): number {
    const elapsed = now - this.began
    this.began = now
    // Turns with no request say nothing, and much longer ones had a stall in them.
    if (begun > 0 && elapsed < stallMs) {
      const ms = elapsed / begun
      this.ms = this.ms === undefined ? ms : this.ms + (ms - this.ms) * learned
    }
    return this.ms === undefined ? Number.POSITIVE_INFINITY : Math.max(1, turnMs / this.ms)
  }
}

/** How long a turn should last, in milliseconds. */
const turnMs = 1
const stallMs = 20
/** The weight of the last turn in the average. */
const learned = 0.1
