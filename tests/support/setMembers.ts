import { Emitter } from '../../lib/events'
import type { MemberSource } from '../../workers/members/memberSource'

/** Members as a test sets them. */
export class SetMembers implements MemberSource {
  addresses: readonly string[] = []
  /** How often a member was said to have failed. */
  doubts = 0
  readonly tried = Promise.resolve()
  readonly problem = undefined
  private readonly emitter = new Emitter<void>()
  readonly changed = this.emitter.event

  set(addresses: readonly string[]): void {
    this.addresses = addresses
    this.emitter.fire()
  }

  doubt(): void {
    this.doubts++
  }

  async close(): Promise<void> {}
}
