/**
 * Counts tensors, their dimensions, parameters and the like while a message is read: they have no limit of their own, and
 * each takes many times as long as its two bytes.
 */
export class Entries {
  private left = mostEntries

  /** Throws a RangeError. */
  count(): void {
    if (this.left-- === 0)
      throw new RangeError(
        `must have at most ${mostEntries} tensors, dimensions and parameters together, got more`,
      )
  }
}

/** A model with a thousand inputs has some thousands. */
const mostEntries = 65_536
