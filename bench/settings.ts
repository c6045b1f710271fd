/** How much load a measurement takes. */
export interface Settings {
  /** Counted rounds of each server, by turns; one more before them warms the code. */
  readonly rounds: number
  /** Of one round. */
  readonly seconds: number
  /** Each with a connection of its own, one request after the other. */
  readonly clients: number
}

export const full: Settings = { rounds: 5, seconds: 2, clients: 16 }

/** Enough to see whether a change did something. */
export const quick: Settings = { rounds: 3, seconds: 1, clients: 16 }
