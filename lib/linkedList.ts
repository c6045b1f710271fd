/** The place of an item in a list, for removing it. */
export interface ListNode<T> {
  readonly item: T
}

class Node<T> implements ListNode<T> {
  before: Node<T> | undefined
  after: Node<T> | undefined
  isIn = true

  constructor(readonly item: T) {}
}

/**
 * A doubly linked list, from which any item can be removed at once. A Set is no alternative for items that come and go
 * with every request: V8's Set allocates a new table every few items, and each old table refers to the next. Once one
 * of them is in the old generation, it keeps the later ones, and the requests in them, from being collected early.
 */
export class LinkedList<T> {
  private head: Node<T> | undefined
  private tail: Node<T> | undefined
  private count = 0

  get size(): number {
    return this.count
  }

  get first(): T | undefined {
    return this.head?.item
  }

  get last(): T | undefined {
    return this.tail?.item
  }

  add(item: T): ListNode<T> {
    return this.insert(new Node(item), this.tail)
  }

  addFirst(item: T): ListNode<T> {
    return this.insert(new Node(item), undefined)
  }

  /** Inserts an item before the last items that it `overtakes`, directly after the nearest one that it does not. */
  addBefore(item: T, overtakes: (item: T, other: T) => boolean): ListNode<T> {
    let before = this.tail
    while (before !== undefined && overtakes(item, before.item)) before = before.before
    return this.insert(new Node(item), before)
  }

  /** Removes an item. Returns whether it was still in the list. */
  remove(place: ListNode<T>): boolean {
    const node = place as Node<T>
    if (!node.isIn) return false
    const { before, after } = node
    if (before === undefined) this.head = after
    else before.after = after
    if (after === undefined) this.tail = before
    else after.before = before
    node.isIn = false
    // A removed node must not keep its neighbours alive.
    node.before = undefined
    node.after = undefined
    this.count--
    return true
  }

  takeFirst(): T | undefined {
    const { head } = this
    if (head !== undefined) this.remove(head)
    return head?.item
  }

  private insert(node: Node<T>, before: Node<T> | undefined): ListNode<T> {
    const after = before === undefined ? this.head : before.after
    node.before = before
    node.after = after
    if (before === undefined) this.head = node
    else before.after = node
    if (after === undefined) this.tail = node
    else after.before = node
    this.count++
    return node
  }

  /** Whether an item has the property, tried in order. */
  some(has: (item: T) => boolean): boolean {
    for (let node = this.head; node !== undefined; node = node.after) if (has(node.item)) return true
    return false
  }

  /** The item with the lowest rank, the first of equals. Looks no further than to one whose rank is at most `enough`. */
  lowest(rankOf: (item: T) => number, enough: number): T | undefined {
    let found: T | undefined
    let lowest = Number.POSITIVE_INFINITY
    for (let node = this.head; node !== undefined && lowest > enough; node = node.after) {
      const rank = rankOf(node.item)
      if (rank >= lowest) continue
      lowest = rank
      found = node.item
    }
    return found
  }

  /** All items, in order. */
  toArray(): T[] {
    const items: T[] = []
    for (let node = this.head; node !== undefined; node = node.after) items.push(node.item)
    return items
  }
}
