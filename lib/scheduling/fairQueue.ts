import { LinkedList, type ListNode } from '../linkedList'

interface Flow<T> {
  readonly sender: string
  readonly items: LinkedList<T>
  /** How much it may still spend in this round; negative after an item that cost more than was left. */
  credit: number
  /** Its place in the round; undefined while it has no items. */
  place: ListNode<Flow<T>> | undefined
}

/** The place of an item in a fair queue, for removing it. */
export interface FairPlace<T> {
  readonly flow: Flow<T>
  readonly place: ListNode<T>
}

export interface FairQueueOptions {
  /** How many shares a sender gets; default 1. */
  readonly weightOf?: ((sender: string) => number) | undefined
  /** The cost that one share covers in each round; default 1. */
  readonly part?: number
}

/**
 * A queue in which senders take turns, so that a sender with many items delays only itself. Deficit round robin
 * (Shreedhar and Varghese, 1996), with costs that may be known only afterwards: each round gives a sender its share,
 * and `charge` deducts what an item has cost.
 */
export class FairQueue<T> {
  private readonly flows = new SenderEntries<Flow<T>>(
    (sender) => ({ sender, items: new LinkedList(), credit: 0, place: undefined }),
    ({ place }) => place === undefined,
  )
  /** The senders with items, in the order of the round. */
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

  /** `overtakes` says which of its sender's last items the new one goes before. */
  add(sender: string, item: T, overtakes?: (item: T, other: T) => boolean): FairPlace<T> {
    const flow = this.flows.getOrMake(sender)
    if (flow.place === undefined) {
      flow.credit = this.partOf(sender)
      flow.place = this.round.add(flow)
    }
    const { items } = flow
    this.count++
    return { flow, place: overtakes === undefined ? items.add(item) : items.addBefore(item, overtakes) }
  }

  /** The item whose turn it is, without removing it; undefined if nothing waits. */
  get next(): T | undefined {
    return this.turn(everyone)?.items.first
  }

  /** Whose turn it is, among senders who may have one. */
  private turn(may: (sender: string) => boolean): Flow<T> | undefined {
    let passed = 0
    for (let flow = this.round.first; flow !== undefined; flow = this.round.first) {
      if (!may(flow.sender)) {
        if (++passed === this.round.size) return undefined
      } else {
        if (flow.credit <= 0) flow.credit += this.partOf(flow.sender)
        // A sender need not wait for its credit where no other may have a turn.
        if (flow.credit > 0 || passed === this.round.size - 1) return flow
        passed = 0
      }
      this.putLast(flow)
    }
    return undefined
  }

  /** Makes it the turn of the lowest rank; among equals, of the next one. `lowest` is the lowest possible. */
  favour(rankOf: (sender: string) => number, lowest: number): void {
    const flow = this.round.lowest(({ sender }) => rankOf(sender), lowest)
    if (flow === undefined) return
    if (flow.credit <= 0) flow.credit = this.partOf(flow.sender)
    if (flow !== this.round.first) {
      this.round.remove(flow.place!)
      flow.place = this.round.addFirst(flow)
    }
  }

  lastOf(sender: string): T | undefined {
    return this.flows.get(sender)?.items.last
  }

  remove({ flow, place }: FairPlace<T>): void {
    if (flow.items.remove(place)) this.removed(flow)
  }

  /** Removes the next item, at a cost of 1 to its sender; undefined if no sender with items `may` have a turn. */
  take(may: (sender: string) => boolean = everyone): T | undefined {
    const flow = this.turn(may)
    if (flow === undefined) return undefined
    const item = flow.items.takeFirst()
    this.pay(flow, 1)
    this.removed(flow)
    return item
  }

  /** Charges a sender for an item. Ignored if the sender has nothing waiting. */
  charge(sender: string, cost: number): void {
    const flow = this.flows.get(sender)
    if (flow?.place !== undefined) this.pay(flow, cost)
  }

  /** Whether `has` is true of some waiting item, of the sender or of all senders, tried in order. */
  some(has: (item: T) => boolean, sender?: string): boolean {
    if (sender !== undefined) return this.flows.get(sender)?.items.some(has) ?? false
    return this.round.some(({ items }) => items.some(has))
  }

  /** One of the flow's items was removed. */
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

const everyone = () => true

/** Bounds a sender's debt, so that it continues after a limited number of rounds. */
const mostDebt = -1000

/**
 * Whose turn it is where senders wait in several queues for the same thing, such as the workers of a shard: deficit
 * round robin, as in `FairQueue`, for those who keep the queues themselves. In each round a sender has its share; what
 * costs more takes the sender to a later round. Whoever was away begins in the current one, and has saved nothing.
 */
export class FairRounds {
  private now = 0
  private readonly accounts = new SenderEntries<Account>(
    () => ({ rounds: 0 }),
    ({ rounds }) => rounds <= this.now,
  )

  constructor(
    /** How many shares a sender gets. */
    private readonly weightOf: (sender: string) => number,
    /** The cost that one share covers in each round. */
    private readonly part: number,
  ) {}

  /** The current round. No sender is in an earlier one. */
  get current(): number {
    return this.now
  }

  /** The round of a sender. Those in the earliest go first. */
  readonly roundOf = (sender: string): number => {
    const account = this.accounts.get(sender)
    return account === undefined ? this.now : Math.max(this.now, Math.floor(account.rounds))
  }

  /** Begins a round: that of the sender whose turn it is. */
  enter(round: number): void {
    if (round > this.now) this.now = round
  }

  /** Charges a sender, beforehand or afterwards. */
  charge(sender: string, cost: number): void {
    const account = this.accounts.getOrMake(sender)
    const rounds = Math.max(this.now, account.rounds) + cost / (this.part * this.weightOf(sender))
    account.rounds = Math.min(rounds, this.now + mostRounds)
  }
}

interface Account {
  /** How many rounds it has used up, and what part of the next. */
  rounds: number
}

/** How far a sender may get ahead, so that it continues after a limited number of rounds. */
const mostRounds = 1000

/** What is kept of each sender. An idle sender's entry stays for a while: a new one each time would cost more. */
export class SenderEntries<V> {
  private readonly entries = new Map<string, V>()
  /** With so many, the idle ones go. */
  private most = fewest

  constructor(
    private readonly make: (sender: string) => V,
    /** Whether an entry is unused now. */
    private readonly isIdle: (entry: V) => boolean,
  ) {}

  get(sender: string): V | undefined {
    return this.entries.get(sender)
  }

  getOrMake(sender: string): V {
    let entry = this.entries.get(sender)
    if (entry === undefined) {
      if (this.entries.size >= this.most) this.forgetIdle()
      entry = this.make(sender)
      this.entries.set(sender, entry)
    }
    return entry
  }

  private forgetIdle(): void {
    for (const [sender, entry] of this.entries) if (this.isIdle(entry)) this.entries.delete(sender)
    this.most = Math.max(fewest, 2 * this.entries.size)
  }
}

/** So many entries are kept without a look at whether they are still needed. */
const fewest = 64
