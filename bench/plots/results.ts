import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import type { CaseResult } from '../caseResult'
import type { EventLoopResult } from '../eventLoopResult'
import type { MemoryResult } from '../memory'
import type { OverloadResult } from '../overloadResult'

/** What files in `bench/results` hold, each some of it; the oldest ones know less of a case. */
export interface Results {
  readonly date: string
  readonly commit: string
  readonly cases?: readonly (Omit<CaseResult, 'equalLoad'> & Partial<CaseResult>)[]
  readonly overload?: readonly OverloadResult[]
  readonly eventLoop?: readonly EventLoopResult[]
  readonly memory?: MemoryResult
}

/** All of them, the newest first. */
export function readResults(): readonly Results[] {
  const folder = join(packageRoot, 'bench/results')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Results)
    .sort((one, other) => other.date.localeCompare(one.date))
}

/** The newest that has something under this name. */
export function newest<Key extends 'cases' | 'overload' | 'eventLoop' | 'memory'>(
  all: readonly Results[],
  key: Key,
): NonNullable<Results[Key]> | undefined {
  for (const { [key]: found } of all) {
    if (found !== undefined && !(Array.isArray(found) && found.length === 0))
      return found as NonNullable<Results[Key]>
  }
  return undefined
}
