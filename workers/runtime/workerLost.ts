import { PresageError } from '../../lib/errors'

/** `WORKER_LOST`: the worker of a call has died. */
export class WorkerLost extends PresageError {
  constructor(
    message: string,
    /**
     * Whether the rows may have killed it. Not for a thread, which ends only between runs: a crash of the runtime ends
     * the whole process.
     */
    readonly rowsSuspected: boolean,
  ) {
    super('WORKER_LOST', message)
  }
}
