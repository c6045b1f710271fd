import { Stage } from './stage/stage'
import type { Trouble } from './trouble'

export interface TroubleResult {
  readonly seen: readonly string[]
  /** Promises that did not hold. */
  readonly broken: readonly string[]
  readonly seconds: number
}

/** Has a trouble happen and leaves nothing of it. Never rejects. */
export async function runTrouble(trouble: Trouble): Promise<TroubleResult> {
  const stage = new Stage()
  const begun = performance.now()
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`must be over within ${longestMs} ms`)), longestMs)
  })
  try {
    await Promise.race([trouble.cause(stage), tooLong])
  } catch (error) {
    stage.broken.push((error as Error).message)
  } finally {
    clearTimeout(timer)
    await stage.end()
  }
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  return { seen: stage.seen, broken: stage.broken, seconds }
}

const longestMs = 180_000
