import { type Reference, referenceText } from '../ruleSet/reference'
import type { Operators } from '../ruleSet/ruleSet'
import { ValueIds } from './valueIds'

/** Cells that one key may take of each block; a key that would need more is asked rule by rule. */
const maxCells = 2048

/**
 * After so many values that found no room, those that were met before are forgotten, and give room to others; after twice
 * as many the next time, since what is forgotten has to be asked again.
 */
const firstPatience = 100_000

/**
 * For each block of rules and each value that a key may have: which rules of the block the value satisfies, as bits. One array
 * for all blocks of a rule set, filled as values are met: a decision reads one cell for each key, and touches little memory
 * however many objectives there are.
 */
export class ValueTable {
  /** 0: not asked yet. */
  cells = new Int32Array(0)
  private used = 0
  private misses = 0
  private patience = firstPatience
  private readonly ids = new Map<string, ValueIds>()

  /** `clauses`: everything that the rules of all objectives demand, since one key means the same in all of them. */
  constructor(clauses: Iterable<{ readonly reference: Reference; readonly operators: Operators }>) {
    const demands = new Map<string, Operators[]>()
    for (const { reference, operators } of clauses) {
      const key = referenceText(reference)
      const ofKey = demands.get(key)
      if (ofKey === undefined) demands.set(key, [operators])
      else ofKey.push(operators)
    }
    for (const [key, ofKey] of demands) {
      const ids = new ValueIds(ofKey)
      if (ids.size <= maxCells) this.ids.set(key, ids)
    }
  }

  /** Undefined for a key that has too many values. */
  idsOf(reference: Reference): ValueIds | undefined {
    return this.ids.get(referenceText(reference))
  }

  /** Takes cells for a block; gives the place of the first. */
  allocate(size: number): number {
    const place = this.used
    this.used += size
    if (this.used > this.cells.length) {
      const larger = new Int32Array(Math.max(this.used, 2 * this.cells.length))
      larger.set(this.cells)
      this.cells = larger
    }
    return place
  }

  /** A value had no id. */
  miss(): void {
    if (++this.misses < this.patience) return
    this.misses = 0
    this.patience *= 2
    for (const ids of this.ids.values()) ids.forget()
    this.cells.fill(0)
  }
}
