import type { Clock } from '../../lib/clock'
import { startProcessWorker } from '../process/processWorker'
import type { Worker } from '../runtime/worker'
import { startThreadWorker } from '../thread/threadWorker'

export type WorkerKind = 'thread' | 'process'

/** Starts a worker of a pool; the id is new each time. */
export type StartWorker = (id: string) => Promise<Worker>

/**
 * `stallAfterMs` is how long a call may take before a process is killed or a thread is taken out of service;
 * `memoryBytes` is how much memory a process may take.
 */
export function workerStarter(
  kind: WorkerKind,
  options: { stallAfterMs: number; clock: Clock; memoryBytes?: number },
): StartWorker {
  const start = starters[kind]
  return (id) => start(id, options)
}

const starters = { thread: startThreadWorker, process: startProcessWorker } as const
