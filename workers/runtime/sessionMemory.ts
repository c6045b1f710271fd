/** A shorter run, in milliseconds, cannot have allocated much memory. */
const longMs = 20

/** If this process grew by more than this since the last check, the session is assumed to hold the memory. */
const growthBytes = 256 * 2 ** 20

/**
 * Holds one session of a graph at a time. The runtime keeps the memory of a session's largest run for later runs. That
 * is faster, but a single large request would then hold it forever. If the process has grown a lot after a run, the
 * session is replaced by one that keeps no memory, and released.
 */
export class SessionMemory<Session extends { release(): Promise<void> }> {
  private resident = process.memoryUsage.rss()
  private running = 0
  private isReplaced = false
  private isReleased = false
  /** The replaced session, until its last run is over. */
  private old: Session | undefined

  constructor(
    private session: Session,
    /** Opens a session of the same graph that keeps no memory. */
    private readonly reopen: () => Promise<Session>,
  ) {}

  /** The session for a run. Call `ended` at the end of the run. */
  begin(): Session {
    this.running++
    return this.session
  }

  /** Call at the end of a run, with its milliseconds. */
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

  /** Call when no run is in progress. Nothing may run afterwards. */
  release(): void {
    this.isReleased = true
    // Memory that it cannot free stays allocated.
    this.session.release().catch(() => {})
  }

  /** If the graph's file is gone, the current session stays. */
  private async replace(): Promise<void> {
    try {
      const next = await this.reopen()
      if (this.isReleased) {
        next.release().catch(() => {})
        return
      }
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
    old.release().catch(() => {})
  }
}
