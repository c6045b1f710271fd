import { getHeapStatistics } from 'node:v8'
import { PresageError } from '../../lib/errors'

/**
 * Bounds the memory of all bodies that are read and not yet parsed: connections are many, and none of the other limits
 * applies to a request that has not come whole.
 *
 * A client may hold as much as it leaves to others, so one that sends nothing but beginnings gets half of it at most, the
 * next one a quarter (dynamic thresholds, Choudhury and Hahne, 1998). The first bytes of a body do not count: a request
 * of usual length depends on nobody.
 */
export class BodyMemory {
  private held = 0
  private readonly clients = new Map<string, number>()

  constructor(
    /** In bytes, for all bodies together. */
    readonly most: number,
    /** How many bytes of each body do not count. */
    readonly free = 16_384,
  ) {}

  open(client: string): BodyBytes {
    return new BodyBytes(this, client, this.free)
  }

  /** Returns whether there is room. */
  take(client: string, bytes: number): boolean {
    const own = (this.clients.get(client) ?? 0) + bytes
    const held = this.held + bytes
    if (own > this.most - held) return false
    this.clients.set(client, own)
    this.held = held
    return true
  }

  release(client: string, bytes: number): void {
    const own = this.clients.get(client)! - bytes
    if (own > 0) this.clients.set(client, own)
    else this.clients.delete(client)
    this.held -= bytes
  }
}

export class BodyBytes {
  private counted = 0

  constructor(
    private readonly memory: BodyMemory,
    private readonly client: string,
    private readonly free: number,
  ) {}

  /** Call with the length of what has come so far. Throws OVERLOADED if that is too much. */
  grow(length: number): void {
    const more = length - this.free - this.counted
    if (more <= 0) return
    if (!this.memory.take(this.client, more)) throw noRoom
    this.counted += more
  }

  /** Call once the body is parsed or given up; again does no harm. */
  release(): void {
    if (this.counted > 0) this.memory.release(this.client, this.counted)
    this.counted = 0
  }
}

const noRoom = new PresageError(
  'OVERLOADED',
  'body: too many long bodies of this client are on their way, or of all clients',
)

/** This process's: a quarter of the heap limit. */
export const bodyMemory = new BodyMemory(getHeapStatistics().heap_size_limit / 4)
