import { setTimeout as wait } from 'node:timers/promises'

export interface UntilOptions {
  /** How often it is looked; 5 ms unless said. */
  readonly everyMs?: number
  /** How long it may take; 100 s unless said, since what takes one second takes many where tests share few cores. */
  readonly withinMs?: number
}

/** Waits for what comes without telling. Rejects, with the text of the condition, if it does not come. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { everyMs = 5, withinMs = 100_000 }: UntilOptions = {},
): Promise<void> {
  for (const end = Date.now() + withinMs; !(await isSo()); await wait(everyMs)) {
    if (Date.now() > end) throw new Error(`must come to it within ${withinMs} ms: ${isSo}`)
  }
}
