import { seeded } from '../../support/seeded'

/** Chances, from a seed. */
export interface Dice {
  /** Whether something of this probability happens. */
  chance(probability: number): boolean
  /** From 0 to below the limit. */
  below(limit: number): number
  pick<T>(items: readonly T[]): T
}

export function dice(seed: number): Dice {
  const random = seeded(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return {
    chance: (probability) => random() < probability,
    below,
    pick: (items) => items[below(items.length)],
  }
}
