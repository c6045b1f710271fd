import type { Activation, MadeHead } from '../store/head'
import type { NodeCopy } from '../store/nodeCopy'
import type { RuleSetVersion } from '../store/ruleSetVersion'

const latestKept = 8
const mostHashes = 1000

/** What one node has learned from its store, and how it judges the next head that it sees. */
export class NodeMemory {
  private id: string | undefined
  private highest = 0
  private pointer: Activation | undefined
  private trail: readonly number[] = []
  private pins: MadeHead['pins'] = {}
  private readonly hashes = new Map<number, string>()
  private readonly versions = new Map<number, RuleSetVersion>()

  constructor(copy?: NodeCopy) {
    if (copy === undefined) return
    this.id = copy.id
    this.highest = copy.highest
    this.pointer = copy.active
    this.trail = copy.trail
    this.pins = copy.pins
    for (const version of copy.versions) this.versions.set(version.number, version)
    for (const [number, sha256] of Object.entries(copy.hashes)) this.hashes.set(Number(number), sha256)
  }

  /** The latest activation whose version this node has. */
  get active(): Activation | undefined {
    return this.pointer
  }

  get floor(): { readonly number: number; readonly epoch: number } {
    return { number: this.highest, epoch: this.pointer?.epoch ?? 0 }
  }

  /** Whether it has never seen a store. */
  get isBlank(): boolean {
    return this.id === undefined
  }

  judge(head: MadeHead): Judgement {
    if (this.id === undefined || head.replaces.includes(this.id)) return 'new store'
    if (this.id !== head.id) return 'another store'
    const { pointer } = this
    if (head.highest < this.highest || (head.active?.epoch ?? 0) < (pointer?.epoch ?? 0)) return 'behind'
    if (
      pointer !== undefined &&
      head.active?.epoch === pointer.epoch &&
      head.active.sha256 !== pointer.sha256
    ) {
      return 'behind'
    }
    return 'follow'
  }

  /** Takes over a head, except its pointer. In another store, numbers mean other versions. */
  learn(head: MadeHead): void {
    if (this.id !== head.id) {
      this.hashes.clear()
      this.versions.clear()
      this.pointer = undefined
    }
    this.id = head.id
    this.highest = head.highest
    this.trail = head.trail
    this.pins = head.pins
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
    if (this.versions.get(active.number)?.sha256 === active.sha256) this.pointer = active
  }

  get(number: number): RuleSetVersion | undefined {
    return this.versions.get(number)
  }

  /** The version to serve without a store, followed by fallbacks, of those that this node has. */
  toServe(node: string): readonly RuleSetVersion[] {
    return [this.pinOf(node), this.pointer?.number, ...this.trail.toReversed()]
      .map((number) => (number === undefined ? undefined : this.versions.get(number)))
      .filter((version) => version !== undefined)
  }

  /** The version at which a node is pinned, as far as is known; undefined if it is not. */
  pinOf(node: string): number | undefined {
    return Object.hasOwn(this.pins, node) ? this.pins[node] : undefined
  }

  /** The versions named by an activation, a rollback or a pin. Their models must not be unloaded. */
  named(): readonly RuleSetVersion[] {
    return [...this.namedNumbers()]
      .map((number) => this.versions.get(number))
      .filter((version) => version !== undefined)
  }

  /** The numbers of the versions to keep: `more`, the latest, and the named ones. */
  numbersToKeep(more: Iterable<number>): ReadonlySet<number> {
    const numbers = new Set([...more, ...this.namedNumbers()])
    for (let number = this.highest; number > Math.max(0, this.highest - latestKept); number--) {
      numbers.add(number)
    }
    return numbers
  }

  private namedNumbers(): ReadonlySet<number> {
    const numbers = new Set([...this.trail.slice(-1), ...Object.values(this.pins)])
    if (this.pointer !== undefined) numbers.add(this.pointer.number)
    return numbers
  }

  forgetAllBut(numbers: ReadonlySet<number>): void {
    for (const number of this.versions.keys()) {
      if (!numbers.has(number)) this.versions.delete(number)
    }
  }

  /** Undefined as long as there is nothing to remember. */
  copy(): NodeCopy | undefined {
    if (this.id === undefined) return undefined
    return {
      id: this.id,
      highest: this.highest,
      active: this.pointer,
      trail: [...this.trail],
      pins: this.pins,
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
