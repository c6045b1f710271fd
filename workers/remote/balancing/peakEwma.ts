/**
 * How slow a server is: the time of its calls over what they should take. Rises to a new peak at once, and falls with a
 * time constant of five seconds (peak-sensitive exponentially weighted moving average, as in Twitter's Finagle).
 */
export class PeakEwma {
  private value = 1
  private at = 0

  observe(ratio: number, now: number): void {
    if (!Number.isFinite(ratio)) return
    this.value = Math.max(ratio, this.read(now))
    this.at = now
  }

  /** At least 1: a server is not preferred for a lucky call. */
  read(now: number): number {
    return 1 + (this.value - 1) * Math.exp(-(now - this.at) / tauMs)
  }
}

const tauMs = 5_000
