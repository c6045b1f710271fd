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

/** The number that an option of a command line must have. */
export function readPositive(option: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new Error(`${option}: must be a number above 0, got ${text}`)
}
