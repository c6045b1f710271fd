/**
 * Finds positions 0, 1, 2, ... by hash; several may have the same hash. A table of integers with open addressing and
 * linear probing. Follow a hash from `first` through `after` until `at` is -1: that slot is free.
 */
export class PositionTable {
  /** A position plus one; 0 means free. */
  private slots = new Int32Array(0)
  private hashes = new Int32Array(0)
  private mask = 0
  private count = 0

  /** Removes all positions, and makes room for this many. */
  reset(positions: number): void {
    const capacity = capacityFor(positions)
    if (this.slots.length < capacity) this.slots = new Int32Array(capacity)
    else this.slots.fill(0, 0, capacity)
    if (this.hashes.length < positions) this.hashes = new Int32Array(capacity)
    this.mask = capacity - 1
    this.count = 0
  }

  /** Makes room for this many positions in total. */
  reserve(positions: number): void {
    if (capacityFor(positions) <= this.mask + 1) return
    const { hashes, count } = this
    this.hashes = new Int32Array(0)
    this.reset(2 * positions)
    for (let position = 0; position < count; position++)
      this.put(this.freeSlot(hashes[position]), hashes[position])
  }

  first(hash: number): number {
    return hash & this.mask
  }

  after(slot: number): number {
    return (slot + 1) & this.mask
  }

  at(slot: number): number {
    return this.slots[slot] - 1
  }

  hashOf(position: number): number {
    return this.hashes[position]
  }

  freeSlot(hash: number): number {
    let slot = this.first(hash)
    while (this.slots[slot] !== 0) slot = this.after(slot)
    return slot
  }

  /** Adds the next position at a free slot that its hash leads to. */
  put(slot: number, hash: number): void {
    this.hashes[this.count] = hash
    this.slots[slot] = ++this.count
  }
}

/** A power of two, at least twice the positions. */
function capacityFor(positions: number): number {
  let capacity = 16
  while (capacity < 2 * positions) capacity *= 2
  return capacity
}
