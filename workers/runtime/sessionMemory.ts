/** A run that takes less has not touched much memory that it did not have before. In milliseconds. */
const longMs = 20

/** By so much this process may have grown since it was looked at last before a session is thought to be what holds it. */
const growthBytes = 256 * 2 ** 20

/**
 * One session at a time of a graph. The runtime keeps for a session what its largest run took, for the next one: that is
 * faster, and would be for ever what one request asked for. A session after whose run this process has grown by much is replaced by one
 * that keeps nothing, and released.
 */
export class SessionMemory<Session extends { release(): Promise<void> }> {
  private resident = process.memoryUsage.rss()
  private running = 0
  private isReplaced = false
  /** Of this one no run has begun that is not over, once it is no longer the one in use. */
  private old: Session | undefined

  constructor(
    private session: Session,
    /** A session of the same graph that keeps nothing. */
    private readonly reopen: () => Promise<Session>,
  ) {}

  /** The session for a run, whose end is to be told. */
  begin(): Session {
    this.running++
    return this.session
  }

  /** A run has ended that took so long. */
  ended(ms: number): void {
    this.running--
    if (this.old !== undefined) this.releaseOld()
    if (ms < longMs || this.isReplaced) return
    const resident = process.memoryUsage.rss()
    if (resident - this.resident > growthBytes) {
      this.isReplaced = true
      void this.replace()
    }
    this.resident = resident
  }

  /** A graph whose file is gone goes on with the session that there is. */
  private async replace(): Promise<void> {
    try {
      const next = await this.reopen()
      this.old = this.session
      this.session = next
      this.releaseOld()
    } catch {
      this.isReplaced = false
    }
  }

  private releaseOld(): void {
    if (this.old === undefined || this.running > 0) return
    const { old } = this
    this.old = undefined
    // What it cannot give back stays.
    old.release().catch(() => {})
  }
}
