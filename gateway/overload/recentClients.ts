/**
 * What the requests of each client have cost lately, in small requests. Costs count half after a second, and a client
 * is forgotten five to ten seconds after its last request.
 */
export class RecentClients {
  /** Those that have asked since `began`, and those that asked only before. */
  private current = new Map<string, Usage>()
  private previous = new Map<string, Usage>()
  private weights = { current: 0, previous: 0 }
  private began = Number.NEGATIVE_INFINITY
  private readonly total = newUsage(0)

  constructor(private readonly weightOf: (client: string) => number = () => 1) {}

  /** Records the cost of a request. */
  add(client: string, cost: number, now: number): void {
    this.renew(now)
    const usage = this.entryOf(client, now)
    usage.mean += (cost - usage.mean) * learned
    use(usage, cost, now)
    use(this.total, cost, now)
  }

  /** The average cost of the client's requests; 0 if none is known. */
  meanOf(client: string): number {
    return this.find(client)?.mean ?? 0
  }

  /** Whether a client has used more than its share: that of its weight in the weights of all recent clients. */
  isOverShare(client: string, now: number): boolean {
    this.renew(now)
    const usage = this.find(client)
    if (usage === undefined || this.current.size + this.previous.size === 1) return false
    use(usage, 0, now)
    use(this.total, 0, now)
    const weights = this.weights.current + this.weights.previous
    return usage.amount * weights > this.total.amount * this.weightOf(client)
  }

  private find(client: string): Usage | undefined {
    return this.current.get(client) ?? this.previous.get(client)
  }

  private entryOf(client: string, now: number): Usage {
    let usage = this.current.get(client)
    if (usage !== undefined) return usage
    const weight = this.weightOf(client)
    usage = this.previous.get(client)
    if (usage === undefined) usage = newUsage(now)
    else {
      this.previous.delete(client)
      this.weights.previous -= weight
    }
    this.current.set(client, usage)
    this.weights.current += weight
    return usage
  }

  private renew(now: number): void {
    if (now - this.began < keptMs) return
    const isRecent = now - this.began < 2 * keptMs
    this.previous = isRecent ? this.current : new Map()
    this.weights = { current: 0, previous: isRecent ? this.weights.current : 0 }
    this.current = new Map()
    this.began = now
  }
}

interface Usage {
  amount: number
  /** When the amount was computed. */
  at: number
  /** The average of single costs. */
  mean: number
}

function newUsage(at: number): Usage {
  return { amount: 0, at, mean: 0 }
}

function use(usage: Usage, cost: number, now: number): void {
  usage.amount = usage.amount * 2 ** ((usage.at - now) / halfLifeMs) + cost
  usage.at = now
}

const halfLifeMs = 1_000
const keptMs = 5_000
/** The weight of the last request in the average. */
const learned = 0.1
