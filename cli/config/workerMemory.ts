import { totalmem } from 'node:os'

/** A worker process with its runtime and small graphs takes about this much by itself. */
export const leastWorkerMemory = 128 * 2 ** 20

/** On a small machine, the computed share would be less than ordinary models need. */
const leastShare = 512 * 2 ** 20

/**
 * The default memory limit of a worker process: its share of half the memory that this process and its children may
 * use.
 */
export function workerMemoryShare(workerProcesses: number): number {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.max(leastShare, Math.floor(memory / 2 / workerProcesses))
}
