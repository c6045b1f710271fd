/** How a simulated server behaves. Times are milliseconds. */
export interface ServerOptions {
  /** Of one call on the server's event loop: reading it, and writing its answer. */
  readonly callMs: number
  /** A run of a model takes `fixedMs + rowMs * rows`. */
  readonly fixedMs: number
  readonly rowMs: number
  readonly maxRows: number
  /** How many runs it makes at once. Its event loop has one core more. */
  readonly cores: number
  /** How many rows may wait for one version. */
  readonly maxQueueRows: number
  /** How many versions fit into its memory. The one that was asked for least recently makes way. */
  readonly versions: number
  readonly loadMs: number
  /** Times vary by this share, as a log-normal distribution. */
  readonly jitter: number
  /** Now and then all of it stands still: how often a second, and for how long at most. */
  readonly pausesPerSecond: number
  readonly pauseMs: number
  /** How long it serves while it says that it stops, and how long it takes to begin anew. */
  readonly drainMs: number
  readonly restartMs: number
}
