import { type ErrorCode, PresageError } from '../../lib/errors'

/** `WORKER_LOST`: the worker of a call has died, or did not take it. Another worker may answer. */
export class WorkerLost extends PresageError {
  constructor(
    message: string,
    /** Whether the rows may have killed it: never a thread, as a crash of the runtime ends the whole process. */
    readonly rowsSuspected: boolean,
    /** The code for the rows if no other worker answers either. */
    readonly outcome: ErrorCode = 'WORKER_LOST',
    /** Whether no other worker could answer. */
    readonly isFinal = false,
  ) {
    super('WORKER_LOST', message)
  }
}
