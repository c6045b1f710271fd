import { readdirSync } from 'node:fs'

/** The ids of a process's threads. */
export function threadsOf(pid: number): ReadonlySet<string> {
  return new Set(readdirSync(`/proc/${pid}/task`))
}
