import type { MemberSource } from './memberSource'

/** Servers at addresses that never change. */
export function staticMembers(addresses: readonly string[]): MemberSource {
  return {
    addresses,
    changed: () => () => {},
    tried: Promise.resolve(),
    problem: undefined,
    doubt() {},
    close: async () => {},
  }
}
