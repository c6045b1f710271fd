import { totalmem } from 'node:os'

/** A worker process with its runtime and small graphs takes about this much by itself. */
export const leastWorkerMemory = 128 * 2 ** 20

/** On a small machine, the computed share would be less than ordinary models need. */
const leastShare = 512 * 2 ** 20

/** The default limit of a worker process: its share of half the memory of this process and its children. */
export function workerMemoryShare(workerProcesses: number): number {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.max(leastShare, Math.floor(memory / 2 / workerProcesses))
}
