import { setFlagsFromString } from 'node:v8'

/**
 * Has the young generation collected by the thread that fills it alone. What a server makes for a request is garbage when it has answered, so there is next to
 * nothing to copy; helpers that wake for each collection cost more than they carry, and where all cores are taken the collection waits for them.
 */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge')
}
