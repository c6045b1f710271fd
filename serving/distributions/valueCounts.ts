export interface ValueCount {
  readonly value: string
  readonly count: number
}

/** Counts values, each on its own up to a number of distinct ones, then together. */
export class ValueCounts {
  private readonly counts = new Map<string, number>()
  private others = 0

  add(value: string): void {
    const key = value.length > mostCharacters ? `${value.slice(0, mostCharacters - 3)}...` : value
    const count = this.counts.get(key)
    if (count !== undefined || this.counts.size < mostDistinct) this.counts.set(key, (count ?? 0) + 1)
    else this.others++
  }

  /** The most frequent ones first, then all others as `(other)`. */
  top(): readonly ValueCount[] {
    const sorted = [...this.counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    const rest = sorted.slice(shown).reduce((sum, { count }) => sum + count, this.others)
    return [...sorted.slice(0, shown), ...(rest > 0 ? [{ value: '(other)', count: rest }] : [])]
  }
}

const shown = 20
const mostDistinct = 200
const mostCharacters = 80
