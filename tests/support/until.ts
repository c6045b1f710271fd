import { setTimeout as wait } from 'node:timers/promises'

export interface UntilOptions {
  /** How often it is looked; unless said, after a twentieth of the time until then, at least 5 ms and at most 200. */
  readonly everyMs?: number
  /** How long it may take; 100 s unless said, since what takes one second takes many where tests share few cores. */
  readonly withinMs?: number
}

/** Waits for what comes without telling. Rejects, with the text of the condition, if it does not come. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { everyMs, withinMs = 100_000 }: UntilOptions = {},
): Promise<void> {
  for (const began = Date.now(); !(await isSo()); ) {
    const elapsed = Date.now() - began
    if (elapsed > withinMs) throw new Error(`must come to it within ${withinMs} ms: ${isSo}`)
    await wait(everyMs ?? Math.min(200, Math.max(5, elapsed / 20)))
  }
}
