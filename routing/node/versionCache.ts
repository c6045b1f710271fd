import { LoadError } from '../../lib/errors'
import type { RuleSetVersion } from '../store/ruleSetVersion'
import type { RuleStore } from '../store/ruleStore'
import type { NodeMemory } from './nodeMemory'

/** The versions of one node: from its memory, else from the store, unless they are refused. */
export class VersionCache {
  private readonly refusals = new Map<number, string>()

  constructor(
    private readonly store: RuleStore,
    private readonly memory: NodeMemory,
  ) {}

  /** Undefined if there is none, or if it was refused. Rejects if the store cannot be reached. */
  async get(number: number): Promise<RuleSetVersion | undefined> {
    const known = this.memory.get(number)
    if (known !== undefined) return known
    const version = await this.fetch(number)
    if (version === undefined) return undefined
    if (!this.memory.keep(version)) {
      this.refuse(number, otherHash(number))
      return undefined
    }
    // The store may have had it broken before.
    this.accept(number)
    return version
  }

  /**
   * The pointer contains the hash too, so that a different text under a known number is noticed without fetching it.
   */
  isPointedTo(
    { number, sha256 }: RuleSetVersion,
    pointer: { number: number; sha256: string } | undefined,
  ): boolean {
    if (pointer?.number !== number || pointer.sha256 === sha256) return true
    this.refuse(number, otherHash(number))
    return false
  }

  refuse(number: number, why: string): void {
    this.refusals.set(number, why)
  }

  accept(number: number): void {
    this.refusals.delete(number)
  }

  refusalOf(number: number): string | undefined {
    return this.refusals.get(number)
  }

  /** By version, why it is not used. */
  get problems(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.refusals].map(([number, why]) => [number, [why]]))
  }

  forgetAllBut(numbers: ReadonlySet<number>): void {
    for (const number of this.refusals.keys()) if (!numbers.has(number)) this.refusals.delete(number)
  }

  /** Call when numbers mean other versions from now on. */
  clear(): void {
    this.refusals.clear()
  }

  /** A version that the store finds broken is refused. Other versions stay usable. */
  private async fetch(number: number): Promise<RuleSetVersion | undefined> {
    try {
      return await this.store.get(number)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      this.refuse(number, `${error.message}; ${removable}`)
      return undefined
    }
  }
}

const removable =
  'once it is removed there, a running node that has it, or `presage rules restore FILE`, gives it back'

function otherHash(number: number): string {
  return `version ${number} must have the hash that this node knows, got another from the store`
}
