/**
 * What is done with a call whose answer nobody needs any more: it is cancelled, or left to its parameter `timeout`, since
 * some servers die of cancelled calls.
 */
export type Cancel = 'rpc' | 'timeout-only'

/** What a server can be trusted with, by what it tells of itself. */
export function usualCancel({ name, version }: { readonly name: string; readonly version: string }): Cancel {
  if (name === 'presage') return 'rpc'
  return name === 'triton' && isAtLeast(version, soundTriton) ? 'rpc' : 'timeout-only'
}

/** Release 25.04. Before 24.12, a cancelled call could crash Triton often, and before this one still seldom. */
const soundTriton = [2, 57]

function isAtLeast(version: string, [major, minor]: readonly number[]): boolean {
  const [, ownMajor, ownMinor] = /^(\d+)\.(\d+)\./.exec(version) ?? []
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor)
}
