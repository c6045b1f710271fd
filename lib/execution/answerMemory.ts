import { getHeapStatistics } from 'node:v8'

/** About what the answers take that a process makes or sends just now, so that they do not take all that it has. */
export class AnswerMemory {
  private held = 0

  constructor(
    /** In bytes, of all answers together. */
    readonly most: number,
  ) {}

  /** Whether there is room for so many bytes more; if so they are held. */
  takes(bytes: number): boolean {
    if (this.held + bytes > this.most) return false
    this.held += bytes
    return true
  }

  /** For what is there already, whether or not there is room. */
  hold(bytes: number): void {
    this.held += bytes
  }

  release(bytes: number): void {
    this.held -= bytes
  }
}

/** This process's: a quarter of what the engine may use for all that lives. */
export const answerMemory = new AnswerMemory(getHeapStatistics().heap_size_limit / 4)
