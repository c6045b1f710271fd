/** Processor cores that do one thing after the other, in the order in which they are given them. */
export class Cores {
  /** When each is free. */
  private freeAt: number[]

  constructor(count: number) {
    this.freeAt = new Array(count).fill(0)
  }

  /** Has a core do something that takes so long. Returns how long it takes with the wait for a core. */
  take(now: number, ms: number): number {
    let first = 0
    for (let core = 1; core < this.freeAt.length; core++)
      if (this.freeAt[core] < this.freeAt[first]) first = core
    this.freeAt[first] = Math.max(now, this.freeAt[first]) + ms
    return this.freeAt[first] - now
  }
}
