import { startProcessWorker } from '../process/processWorker'
import type { Worker } from '../runtime/worker'
import { startThreadWorker } from '../thread/threadWorker'

/** Starts a worker of a pool; the id is new each time. */
export type StartWorker = (id: string) => Promise<Worker>

/** Starts a worker of its kind. */
export const starters = { thread: startThreadWorker, process: startProcessWorker } as const

export type WorkerKind = keyof typeof starters
