import { getHeapStatistics } from 'node:v8'

/** Tracks the approximate memory of all answers that a process is making or sending, to bound it. */
export class AnswerMemory {
  private held = 0

  constructor(
    /** In bytes, for all answers together. */
    readonly most: number,
  ) {}

  /** Reserves this many bytes if there is room. Returns whether there was. */
  takes(bytes: number): boolean {
    if (this.held + bytes > this.most) return false
    this.held += bytes
    return true
  }

  /** Reserves memory that is allocated already, even if there is no room. */
  hold(bytes: number): void {
    this.held += bytes
  }

  release(bytes: number): void {
    this.held -= bytes
  }
}

/** This process's: a quarter of the heap limit. */
export const answerMemory = new AnswerMemory(getHeapStatistics().heap_size_limit / 4)
