import type { MemberSource } from '../members/memberSource'
import type { Endpoint } from './endpoint'

export interface MemberEndpointsOptions {
  /** The shard's name. */
  readonly name: string
  readonly source: MemberSource
  /** Dials a server. */
  readonly open: (id: string, address: string) => Endpoint
  /** Called after servers have come or gone. */
  readonly changed: () => void
  readonly log: (line: string) => void
}

/** An endpoint for each member of a shard. One that goes is kept while a version needs it, and then closed. */
export class MemberEndpoints {
  /** In the order in which they came. */
  all: readonly Endpoint[] = []
  private readonly members = new Map<string, Member>()
  /** No members any more. */
  private readonly retiring = new Set<Endpoint>()
  /** Retiring, and therefore still with a name. */
  private readonly leaving = new Map<number, Promise<void>>()
  /** Those known first are no news. */
  private areNews = false
  private readonly stopFollowing: () => void

  constructor(private readonly options: MemberEndpointsOptions) {
    this.stopFollowing = options.source.changed(() => {
      this.follow()
      options.changed()
    })
    this.follow()
  }

  /** All, and those that go and are not closed yet. */
  get reachable(): readonly Endpoint[] {
    return this.retiring.size === 0 ? this.all : [...this.all, ...this.retiring]
  }

  /** Closes those that go and are not needed. */
  release(isNeeded: (endpoint: Endpoint) => boolean): void {
    for (const endpoint of this.retiring) if (!isNeeded(endpoint)) void endpoint.dispose()
  }

  /** Lets all go, and closes the source. */
  async dispose(): Promise<void> {
    this.stopFollowing()
    const ends = this.reachable.map((endpoint) => endpoint.dispose())
    await Promise.all([...ends, ...this.leaving.values(), this.options.source.close()])
  }

  private follow(): void {
    const addresses = new Set(this.options.source.addresses)
    for (const [address, member] of this.members) {
      if (addresses.has(address)) continue
      this.members.delete(address)
      this.letGo(member)
      this.tell(member, address, 'is no server of it any more')
    }
    for (const address of addresses) {
      const known = this.members.get(address)
      // News of the members says that the network is there.
      if (known !== undefined) {
        known.endpoint.mayBeBack()
        continue
      }
      const number = this.freeNumber()
      const member = { number, endpoint: this.options.open(`${this.options.name}-${number}`, address) }
      this.members.set(address, member)
      this.tell(member, address, 'is a server of it now')
    }
    this.all = [...this.members.values()].map(({ endpoint }) => endpoint)
    this.areNews ||= addresses.size > 0
  }

  private letGo({ number, endpoint }: Member): void {
    this.retiring.add(endpoint)
    const over = endpoint.retire().then(() => {
      this.retiring.delete(endpoint)
      this.leaving.delete(number)
    })
    this.leaving.set(number, over)
  }

  /** The lowest, so that the names of workers, which are labels too, stay few however many servers come and go. */
  private freeNumber(): number {
    const taken = new Set([...this.members.values()].map(({ number }) => number))
    for (let number = 1; ; number++) if (!taken.has(number) && !this.leaving.has(number)) return number
  }

  private tell({ endpoint }: Member, address: string, what: string): void {
    const { name, log } = this.options
    if (this.areNews) log(`shard ${name}: worker ${endpoint.workerId} at ${address} ${what}`)
  }
}

interface Member {
  /** The end of its name. */
  readonly number: number
  readonly endpoint: Endpoint
}
