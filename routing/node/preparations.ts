import type { RuleSetVersion } from '../store/ruleSetVersion'

/** Prepares versions one after the other, each once, and keeps the results. */
export class Preparations {
  private readonly waiting: RuleSetVersion[] = []
  private readonly results = new Map<number, readonly string[]>()
  /** The version that is being prepared; undefined if its result counts for nothing. */
  private running: RuleSetVersion | undefined
  /** Which result of the running preparation does not count, so that it begins anew. */
  private outdated: 'none' | 'failure' | 'any' = 'none'
  private isRunning = false
  private isStopped = false

  constructor(
    /** Returns why a version cannot be fully served; empty if it can. A rejection counts as a reason too. */
    private readonly prepare: (version: RuleSetVersion) => Promise<readonly string[]>,
    /** Called when a version is done. */
    private readonly onDone: (number: number) => void,
  ) {}

  /** Queues a version unless it is done or queued. With `first`, before the others. */
  ask(version: RuleSetVersion, first = false): void {
    const { number } = version
    if (this.results.has(number) || this.running?.number === number) return
    const queued = this.waiting.findIndex((other) => other.number === number)
    if (queued >= 0 && !first) return
    if (queued >= 0) this.waiting.splice(queued, 1)
    if (first) this.waiting.unshift(version)
    else this.waiting.push(version)
    if (!this.isRunning && !this.isStopped) void this.run()
  }

  isPrepared(number: number): boolean {
    return this.results.get(number)?.length === 0
  }

  /** Undefined if it is not done. */
  problemsOf(number: number): readonly string[] | undefined {
    return this.results.get(number)
  }

  /** In ascending order. */
  get prepared(): readonly number[] {
    return [...this.results.keys()].filter((number) => this.isPrepared(number)).sort((a, b) => a - b)
  }

  get problems(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.results].filter(([, problems]) => problems.length > 0))
  }

  /** Lets failed versions be asked for again. A preparation that is running begins anew if it fails. */
  forgetFailures(): void {
    for (const [number, problems] of this.results) if (problems.length > 0) this.results.delete(number)
    if (this.outdated === 'none') this.outdated = 'failure'
  }

  /** Lets every version except `kept` be asked for again. A preparation that is running begins anew. */
  startOver(kept: number | undefined): void {
    for (const number of this.results.keys()) if (number !== kept) this.results.delete(number)
    this.outdated = 'any'
  }

  /** Forgets all of them. Call when numbers mean other versions from now on. */
  clear(): void {
    this.results.clear()
    this.waiting.length = 0
    this.running = undefined
  }

  forgetAllBut(numbers: ReadonlySet<number>): void {
    for (const number of this.results.keys()) if (!numbers.has(number)) this.results.delete(number)
  }

  /** Begins nothing more. */
  stop(): void {
    this.isStopped = true
    this.waiting.length = 0
  }

  private async run(): Promise<void> {
    this.isRunning = true
    for (let version = this.waiting.shift(); version !== undefined; version = this.waiting.shift()) {
      this.running = version
      this.outdated = 'none'
      const problems = await Promise.resolve(version)
        .then(this.prepare)
        .catch((error: Error) => [error.message])
      if (this.isStopped) return
      const counts = this.running === version
      this.running = undefined
      if (!counts) continue
      if (this.mustRepeat(problems)) {
        this.waiting.unshift(version)
        continue
      }
      this.results.set(version.number, problems)
      this.onDone(version.number)
    }
    this.isRunning = false
  }

  private mustRepeat(problems: readonly string[]): boolean {
    return this.outdated === 'any' || (this.outdated === 'failure' && problems.length > 0)
  }
}
