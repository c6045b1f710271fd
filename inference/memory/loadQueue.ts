import { PresageError } from '../../lib/errors'
import { nextTurn } from '../../lib/scheduling/turns'

/** Loads that requests wait for, one after the other, each once for all who wait for it. */
export class LoadQueue {
  private readonly loads = new Map<string, Promise<void>>()
  private last: Promise<unknown> = Promise.resolve()
  private waiting = 0

  constructor(private readonly loadNow: (key: string) => Promise<void>) {}

  /** Whether a version is loading, or its turn will come. */
  has(key: string): boolean {
    return this.loads.has(key)
  }

  /** Resolves when a version is not loading, and has no turn to come. */
  async settled(key: string): Promise<void> {
    await this.loads.get(key)?.catch(() => {})
  }

  /** Rejects as the load does, and with OVERLOADED if too many wait already. */
  async load(key: string): Promise<void> {
    if (this.waiting >= mostWaiting)
      throw new PresageError('OVERLOADED', `${key}: ${mostWaiting} requests wait for models to load already`)
    this.waiting++
    try {
      await (this.loads.get(key) ?? this.begin(key))
    } finally {
      this.waiting--
    }
  }

  private begin(key: string): Promise<void> {
    const loading = this.last
      // Those who waited for the last load use its version before it could have to make room.
      .then(nextTurn)
      .then(() => this.loadNow(key))
      .finally(() => {
        this.loads.delete(key)
      })
    this.loads.set(key, loading)
    this.last = loading.catch(() => {})
    return loading
  }
}

/** Each holds its request's body. */
const mostWaiting = 1_000
