/**
 * A position for each of at most `most` whole numbers from 0 to 2,147,483,647: open addressing with linear probing in
 * one typed array. Vocabularies of ids are long and looked up for every row, and a Map would take far more memory.
 */
export class WholeNumberPositions {
  /** Number and position side by side; a free place has -1 as its number. */
  private readonly places: Int32Array
  private readonly mask: number
  private readonly shift: number

  constructor(most: number) {
    let bits = 3
    // At least a third stays free.
    while (1 << bits < most * 1.5) bits++
    this.places = new Int32Array(2 << bits).fill(-1)
    this.mask = (1 << bits) - 1
    this.shift = 32 - bits
  }

  get(number: number): number | undefined {
    const at = this.find(number)
    return this.places[at] === number ? this.places[at + 1] : undefined
  }

  set(number: number, position: number): void {
    const at = this.find(number)
    this.places[at] = number
    this.places[at + 1] = position
  }

  /** The place of the number, or the free place where it would be. */
  private find(number: number): number {
    const { places, mask } = this
    // Fibonacci hashing (Knuth) spreads consecutive ids.
    let slot = Math.imul(number, 0x9e3779b1) >>> this.shift
    while (places[2 * slot] !== number && places[2 * slot] !== -1) slot = (slot + 1) & mask
    return 2 * slot
  }
}

/** The whole number with this text, as in `String(12)`; -1 if it is not one from 0 to 2,147,483,647. */
export function wholeNumberOf(text: string): number {
  const { length } = text
  if (length === 0 || length > 10) return -1
  let number = 0
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  const isCanonical = length === 1 || text.charCodeAt(0) !== 48
  return isCanonical && number <= 0x7fffffff ? number : -1
}
