/** Where an item stands in a roster; the way to take it out. */
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
 * Items in the order they came, unless one is put before others, of which any can be taken out at once. For what comes and goes with every request a Set will not do:
 * an engine's Set makes itself a new table every few items, and each old table knows the new one. Once one of them has grown
 * old, it keeps all that follow from being collected young, and with them the requests that they held.
 */
export class LinkedList<T> {
  private head: Node<T> | undefined
  private tail: Node<T> | undefined
  private count = 0

  get size(): number {
    return this.count
  }

  /** The one before all others. */
  get first(): T | undefined {
    return this.head?.item
  }

  /** The one behind all others. */
  get last(): T | undefined {
    return this.tail?.item
  }

  add(item: T): ListNode<T> {
    return this.insert(new Node(item), this.tail)
  }

  /** Puts an item before those at the end that it `overtakes`, and behind the first from there that it does not. */
  addBefore(item: T, overtakes: (item: T, other: T) => boolean): ListNode<T> {
    let before = this.tail
    while (before !== undefined && overtakes(item, before.item)) before = before.before
    return this.insert(new Node(item), before)
  }

  /** Takes an item out; whether it was still in. */
  remove(place: ListNode<T>): boolean {
    const node = place as Node<T>
    if (!node.isIn) return false
    const { before, after } = node
    if (before === undefined) this.head = after
    else before.after = after
    if (after === undefined) this.tail = before
    else after.before = before
    node.isIn = false
    // What has left must not hold on to who is still in.
    node.before = undefined
    node.after = undefined
    this.count--
    return true
  }

  /** Takes out the one before all others; undefined where there is none. */
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

  /** Whether one of them has the property; asked in order, until one has it. */
  some(has: (item: T) => boolean): boolean {
    for (let node = this.head; node !== undefined; node = node.after) if (has(node.item)) return true
    return false
  }

  /** All of them, in order. */
  toArray(): T[] {
    const items: T[] = []
    for (let node = this.head; node !== undefined; node = node.after) items.push(node.item)
    return items
  }
}
