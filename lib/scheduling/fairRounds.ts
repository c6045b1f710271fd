/**
 * Whose turn it is where senders wait in several queues for the same thing, such as the workers of a shard: deficit
 * round robin, as in `FairQueue`, for those who keep the queues themselves. In each round a sender has its share; what
 * costs more takes the sender to a later round. Whoever was away begins in the current one, and has saved nothing.
 */
export class FairRounds {
  private now = 0
  private readonly accounts = new Map<string, Account>()
  private forgetAt = fewest

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
    const account = this.accountOf(sender)
    const rounds = Math.max(this.now, account.rounds) + cost / (this.part * this.weightOf(sender))
    account.rounds = Math.min(rounds, this.now + mostRounds)
  }

  private accountOf(sender: string): Account {
    let account = this.accounts.get(sender)
    if (account === undefined) {
      if (this.accounts.size >= this.forgetAt) this.forget()
      account = { rounds: 0 }
      this.accounts.set(sender, account)
    }
    return account
  }

  /** Forgets those who owe nothing. */
  private forget(): void {
    for (const [sender, { rounds }] of this.accounts) if (rounds <= this.now) this.accounts.delete(sender)
    this.forgetAt = Math.max(fewest, 2 * this.accounts.size)
  }
}

interface Account {
  /** How many rounds it has used up, and what part of the next. */
  rounds: number
}

/** How far a sender may get ahead, so that it continues after a limited number of rounds. */
const mostRounds = 1000
/** So many accounts are kept without a look at whether they are still needed. */
const fewest = 64
