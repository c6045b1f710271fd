import { Emitter } from '../../lib/events'
import type { MemberSource } from './memberSource'

/** What a source has told, for sources that can be away. */
export abstract class KnownMembers implements MemberSource {
  private known: readonly string[] = []
  private why: string | undefined
  private readonly changedEmitter = new Emitter<void>()
  readonly changed = this.changedEmitter.event
  private firstTry!: () => void
  readonly tried = new Promise<void>((resolve) => {
    this.firstTry = resolve
  })

  /** `log` takes lines for operators. */
  constructor(private readonly log: (line: string) => void) {}

  get addresses(): readonly string[] {
    return this.known
  }

  get problem(): string | undefined {
    return this.why
  }

  abstract doubt(): void
  abstract close(): Promise<void>

  protected told(addresses: Iterable<string>): void {
    // In one order, so that all processes give the servers the same names.
    const told = [...new Set(addresses)].sort()
    if (this.why !== undefined) this.log('the list of its servers is up to date again')
    this.why = undefined
    const isSame = told.length === this.known.length && told.every((one, at) => one === this.known[at])
    this.known = told
    this.firstTry()
    if (!isSame) this.changedEmitter.fire()
  }

  /** Those that were told last stay. */
  protected failed(why: string): void {
    if (why !== this.why) {
      const { length } = this.known
      this.log(`the list of its servers is not up to date, the ${length} last known stay: ${why}`)
    }
    this.why = why
    this.firstTry()
  }
}
