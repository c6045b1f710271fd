import type { Activation, MadeHead } from '../store/head'
import type { NodeCopy } from '../store/nodeCopy'
import type { RuleSetVersion } from '../store/ruleSetVersion'

const latestKept = 8
const mostHashes = 1000

/** What one node has learned from its store, and how it judges the next head that it sees. */
export class NodeMemory {
  /** What it has seen of the store, with the latest activation whose version it has; undefined if it has seen none. */
  private seen: Omit<NodeCopy, 'hashes' | 'versions'> | undefined
  private readonly hashes = new Map<number, string>()
  private readonly versions = new Map<number, RuleSetVersion>()

  constructor(copy?: NodeCopy) {
    if (copy === undefined) return
    const { hashes, versions, ...seen } = copy
    this.seen = seen
    for (const version of versions) this.versions.set(version.number, version)
    for (const [number, sha256] of Object.entries(hashes)) this.hashes.set(Number(number), sha256)
  }

  /** The latest activation whose version this node has. */
  get active(): Activation | undefined {
    return this.seen?.active
  }

  get floor(): { readonly number: number; readonly epoch: number } {
    return { number: this.seen?.highest ?? 0, epoch: this.active?.epoch ?? 0 }
  }

  /** Whether it has never seen a store. */
  get isBlank(): boolean {
    return this.seen === undefined
  }

  judge(head: MadeHead): Judgement {
    const { seen } = this
    if (seen === undefined || head.replaces.includes(seen.id)) return 'new store'
    if (seen.id !== head.id) return 'another store'
    const { active } = seen
    if (head.highest < seen.highest || (head.active?.epoch ?? 0) < (active?.epoch ?? 0)) return 'behind'
    const isAnother = head.active?.epoch === active?.epoch && head.active?.sha256 !== active?.sha256
    return isAnother ? 'behind' : 'follow'
  }

  /** Takes over a head, except its pointer. In another store, numbers mean other versions. */
  learn({ id, highest, trail, pins }: MadeHead): void {
    const isOther = this.seen?.id !== id
    if (isOther) {
      this.hashes.clear()
      this.versions.clear()
    }
    this.seen = { id, highest, active: isOther ? undefined : this.active, trail: [...trail], pins }
  }

  /** Stores a version. Returns false, and stores nothing, for a known number with another hash. */
  keep(version: RuleSetVersion): boolean {
    if (!this.agrees(version)) return false
    this.hashes.set(version.number, version.sha256)
    if (this.hashes.size > mostHashes) this.hashes.delete(Math.min(...this.hashes.keys()))
    this.versions.set(version.number, version)
    return true
  }

  agrees({ number, sha256 }: { readonly number: number; readonly sha256: string }): boolean {
    const known = this.hashes.get(number)
    return known === undefined || known === sha256
  }

  /** Stores an activation if its version is known. Otherwise it would be useless for a start without the store. */
  point(active: Activation): void {
    if (this.seen && this.versions.get(active.number)?.sha256 === active.sha256)
      this.seen = { ...this.seen, active }
  }

  get(number: number): RuleSetVersion | undefined {
    return this.versions.get(number)
  }

  /** The version to serve without a store, followed by fallbacks, of those that this node has. */
  toServe(node: string): readonly RuleSetVersion[] {
    return [this.pinOf(node), this.active?.number, ...(this.seen?.trail ?? []).toReversed()]
      .map((number) => (number === undefined ? undefined : this.versions.get(number)))
      .filter((version) => version !== undefined)
  }

  /** The version at which a node is pinned, as far as is known; undefined if it is not. */
  pinOf(node: string): number | undefined {
    const { pins = {} } = this.seen ?? {}
    return Object.hasOwn(pins, node) ? pins[node] : undefined
  }

  /** The versions named by an activation, a rollback or a pin. Their models must not be unloaded. */
  named(): readonly RuleSetVersion[] {
    return [...this.namedNumbers()].flatMap((number) => this.versions.get(number) ?? [])
  }

  /** The numbers of the versions to keep: `more`, the latest, and the named ones. */
  numbersToKeep(more: Iterable<number>): ReadonlySet<number> {
    const numbers = new Set([...more, ...this.namedNumbers()])
    const { number: highest } = this.floor
    for (let number = highest; number > Math.max(0, highest - latestKept); number--) {
      numbers.add(number)
    }
    return numbers
  }

  private namedNumbers(): ReadonlySet<number> {
    const { trail = [], pins = {} } = this.seen ?? {}
    const numbers = new Set([...trail.slice(-1), ...Object.values(pins)])
    if (this.active !== undefined) numbers.add(this.active.number)
    return numbers
  }

  forgetAllBut(numbers: ReadonlySet<number>): void {
    for (const number of this.versions.keys()) {
      if (!numbers.has(number)) this.versions.delete(number)
    }
  }

  /** Undefined as long as there is nothing to remember. */
  copy(): NodeCopy | undefined {
    if (this.seen === undefined) return undefined
    return {
      ...this.seen,
      hashes: Object.fromEntries(this.hashes),
      versions: [...this.versions.values()].sort((one, other) => one.number - other.number),
    }
  }
}

/**
 * `behind`: the store has lost something that it had. `another store`: it was created anew after a loss. `new store`:
 * this node has seen none, or its store was replaced by this one.
 */
export type Judgement = 'follow' | 'behind' | 'another store' | 'new store'
