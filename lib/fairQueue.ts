import { Roster } from './roster'

/** One who has things waiting. */
interface Flow<T> {
  readonly key: string
  readonly items: Roster<T>
  /** What it may still have in this round; below zero after something that cost more than it had left. */
  credit: number
}

/**
 * What waits, by who sent it, taken in turn: whoever has much waiting delays themselves and not the others. Deficit round robin (Shreedhar and
 * Varghese, 1996), with costs that are known only afterwards: each round gives a sender its weight in units of cost, and `charge` takes
 * from that what an item has really cost.
 */
export class FairQueue<T> {
  private readonly flows = new Map<string, Flow<T>>()
  /** Those with items, in the order of the round. */
  private readonly round = new Roster<Flow<T>>()
  private count = 0

  /** What a sender has for each round beside others: 1 unless said. */
  constructor(private readonly weightOf: (sender: string) => number = () => 1) {}

  get size(): number {
    return this.count
  }

  /** `isNext`: before the others of its sender. */
  add(sender: string, item: T, isNext = false): void {
    let flow = this.flows.get(sender)
    if (flow === undefined) {
      flow = { key: sender, items: new Roster(), credit: this.weightOf(sender) }
      this.flows.set(sender, flow)
      this.round.add(flow)
    }
    if (isNext) flow.items.addBefore(item, always)
    else flow.items.add(item)
    this.count++
  }

  /** The next one, whose sender pays 1 for it; undefined where nothing waits. */
  take(): T | undefined {
    let flow = this.round.takeFirst()
    if (flow === undefined) return undefined
    while (flow.credit <= 0) {
      flow.credit += this.weightOf(flow.key)
      // Alone it need not wait for its credit.
      if (flow.credit > 0 || this.round.size === 0) break
      this.round.add(flow)
      flow = this.round.takeFirst()!
    }
    const item = flow.items.takeFirst()
    this.count--
    flow.credit--
    if (flow.items.size === 0) this.flows.delete(flow.key)
    else if (flow.credit > 0) this.round.addBefore(flow, always)
    else this.round.add(flow)
    return item
  }

  /** What an item has cost beyond the 1 that was paid when it was taken. Forgotten where its sender has nothing waiting. */
  charge(sender: string, cost: number): void {
    const flow = this.flows.get(sender)
    if (flow !== undefined) flow.credit = Math.max(mostDebt, flow.credit - cost)
  }
}

/** However much something has cost, its sender goes on after so many rounds. */
const mostDebt = -1000

function always(): boolean {
  return true
}
