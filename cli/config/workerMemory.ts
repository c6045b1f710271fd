import { totalmem } from 'node:os'

/** Less is what a worker process takes by itself, with its runtime and small graphs. */
export const leastWorkerMemory = 128 * 2 ** 20

/** A small machine's share would be less than honest models take. */
const leastShare = 512 * 2 ** 20

/** What a worker process may take unless it is said: its share of half of the memory that this process and its children may have. */
export function workerMemoryShare(workerProcesses: number): number {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.max(leastShare, Math.floor(memory / 2 / workerProcesses))
}
