import { PresageError } from '../../lib/errors'

/** `WORKER_LOST`: the worker of a call has died. */
export class WorkerLost extends PresageError {
  constructor(
    message: string,
    /**
     * True if the rows may be what it died of. Not so for a thread: it ends between runs only, for what the runtime dies
     * of takes the whole process along.
     */
    readonly rowsSuspected: boolean,
  ) {
    super('WORKER_LOST', message)
  }
}
