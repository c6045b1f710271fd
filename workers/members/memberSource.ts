import type { Event } from '../../lib/events'

/** Tells where the servers of a shard are, now and as they come and go. */
export interface MemberSource {
  /** The address of each, `host:port`, without repeats. While the source is away, those that it told last. */
  readonly addresses: readonly string[]
  /** Fires when they are others. */
  readonly changed: Event<void>
  /** Settles when the source has been asked for the first time, whatever came of it. */
  readonly tried: Promise<void>
  /** Why the source does not tell now; undefined while it does. */
  readonly problem: string | undefined
  /** Call when a server has failed: it may be elsewhere now. */
  doubt(): void
  close(): Promise<void>
}
