import { Emitter } from '../../lib/events'
import { defer } from '../../lib/scheduling/deferred'
import type { MemberSource } from './memberSource'

/** What a source has told, for sources that can be away. */
export abstract class KnownMembers implements MemberSource {
  addresses: readonly string[] = []
  problem: string | undefined
  private readonly changedEmitter = new Emitter<void>()
  readonly changed = this.changedEmitter.event
  private readonly firstTry = defer<void>()
  readonly tried = this.firstTry.promise
  protected isClosed = false

  /** `log` takes lines for operators. */
  constructor(private readonly log: (line: string) => void) {}

  abstract doubt(): void
  abstract close(): Promise<void>

  /** Call when it closes: who waits for the first try must not wait for ever. */
  protected closed(): void {
    this.isClosed = true
    this.firstTry.resolve()
  }

  protected told(addresses: Iterable<string>): void {
    // In one order, so that all processes give the servers the same names.
    const told = [...new Set(addresses)].sort()
    const wasAway = this.problem !== undefined
    if (wasAway) this.log('the list of its servers is up to date again')
    this.problem = undefined
    const before = this.addresses
    const isSame = told.length === before.length && told.every((one, at) => one === before[at])
    this.addresses = told
    this.firstTry.resolve()
    if (!isSame || wasAway) this.changedEmitter.fire()
  }

  /** Those that were told last stay. What the end of the source cuts short is no news. */
  protected failed(why: string): void {
    if (this.isClosed) return
    if (why !== this.problem) {
      const { length } = this.addresses
      this.log(`the list of its servers is not up to date, the ${length} last known stay: ${why}`)
    }
    this.problem = why
    this.firstTry.resolve()
  }
}
