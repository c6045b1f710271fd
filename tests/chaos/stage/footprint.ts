import { readdirSync } from 'node:fs'
import { residentMegabytesOf } from '../../../bench/processTree'

/** What a process holds of the machine. */
export interface Footprint {
  readonly descriptors: number
  /** With that of its children. */
  readonly megabytes: number
}

export function footprint(pid: number): Footprint {
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    megabytes: Math.round(residentMegabytesOf([pid])),
  }
}

/** Whether a process has given back what it took, but for so many connections: a few are a client's, and heaps keep some room. */
export function isBackAt(before: Footprint, now: Footprint, kept = 0): boolean {
  return now.descriptors <= before.descriptors + 20 + kept && now.megabytes <= 1.5 * before.megabytes + 100
}
