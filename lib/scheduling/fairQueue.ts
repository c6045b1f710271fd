import { ReusedEntries } from '../reusedEntries'
import { LinkedList, type ListNode } from './linkedList'

/** One who has things waiting. */
interface Flow<T> {
  readonly sender: string
  readonly items: LinkedList<T>
  /** What it may still have in this round; below zero after something that cost more than it had left. */
  credit: number
  /** In the round; undefined while it has no items. */
  place: ListNode<Flow<T>> | undefined
}

/** Where an item stands in a fair queue; the way to take it out. */
export interface FairPlace<T> {
  readonly flow: Flow<T>
  readonly place: ListNode<T>
}

export interface FairQueueOptions {
  /** How many times the part of others a sender has; 1 unless said. */
  readonly weightOf?: ((sender: string) => number) | undefined
  /** The cost that one may have in each round; 1 unless said. */
  readonly part?: number
}

/**
 * What waits, by who sent it, each in turn: whoever has much waiting delays themselves and not the others. Deficit round robin (Shreedhar and
 * Varghese, 1996), with costs that may be known only afterwards: each round gives a sender its part, and `charge` takes from it what an item has cost.
 */
export class FairQueue<T> {
  private readonly flows = new ReusedEntries<Flow<T>>(
    (sender) => ({ sender, items: new LinkedList(), credit: 0, place: undefined }),
    ({ place }) => place === undefined,
  )
  /** Those with items, in the order of the round. */
  private readonly round = new LinkedList<Flow<T>>()
  private count = 0
  private readonly weightOf: (sender: string) => number
  private readonly part: number

  constructor({ weightOf = () => 1, part = 1 }: FairQueueOptions = {}) {
    this.weightOf = weightOf
    this.part = part
  }

  get size(): number {
    return this.count
  }

  get senders(): number {
    return this.round.size
  }

  /** `overtakes`: which of its sender's items at the end it goes before. */
  add(sender: string, item: T, overtakes?: (item: T, other: T) => boolean): FairPlace<T> {
    const flow = this.flows.getOrMake(sender, this.round.size)
    if (flow.place === undefined) {
      flow.credit = this.partOf(sender)
      flow.place = this.round.add(flow)
    }
    const { items } = flow
    this.count++
    return { flow, place: overtakes === undefined ? items.add(item) : items.addBefore(item, overtakes) }
  }

  /** The one whose turn it is, which stays; undefined where nothing waits. */
  get next(): T | undefined {
    let flow = this.round.first
    while (flow !== undefined && flow.credit <= 0) {
      flow.credit += this.partOf(flow.sender)
      // Alone it need not wait for its credit.
      if (flow.credit > 0 || this.round.size === 1) break
      this.putLast(flow)
      flow = this.round.first
    }
    return flow?.items.first
  }

  /** The last one of a sender. */
  lastOf(sender: string): T | undefined {
    return this.flows.get(sender)?.items.last
  }

  remove({ flow, place }: FairPlace<T>): void {
    if (flow.items.remove(place)) this.removed(flow)
  }

  /** Takes the next one out, whose sender pays 1 for it. */
  take(): T | undefined {
    const item = this.next
    const flow = this.round.first
    if (flow === undefined) return undefined
    flow.items.takeFirst()
    this.pay(flow, 1)
    this.removed(flow)
    return item
  }

  /** What was taken, or is taken, has cost so much. Forgotten where its sender has nothing waiting. */
  charge(sender: string, cost: number): void {
    const flow = this.flows.get(sender)
    if (flow?.place !== undefined) this.pay(flow, cost)
  }

  /** All that waits of the sender, or of everybody, in order; asked until it is true of one. */
  some(has: (item: T) => boolean, sender?: string): boolean {
    if (sender !== undefined) return this.flows.get(sender)?.items.some(has) ?? false
    return this.round.some(({ items }) => items.some(has))
  }

  /** One of the flow's items has gone. */
  private removed(flow: Flow<T>): void {
    this.count--
    if (flow.items.size > 0) return
    this.round.remove(flow.place!)
    flow.place = undefined
  }

  private pay(flow: Flow<T>, cost: number): void {
    flow.credit = Math.max(flow.credit - cost, mostDebt * this.part)
    if (flow.credit <= 0 && flow === this.round.first) this.putLast(flow)
  }

  private putLast(flow: Flow<T>): void {
    if (this.round.size === 1) return
    this.round.remove(flow.place!)
    flow.place = this.round.add(flow)
  }

  private partOf(sender: string): number {
    return this.part * this.weightOf(sender)
  }
}

/** However much something has cost, its sender goes on after so many rounds. */
const mostDebt = -1000
