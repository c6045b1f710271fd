import { PresageError } from '../../lib/errors'

/** A request that HTTP has a status of its own for, in place of that of BAD_REQUEST. */
export class HttpRefusal extends PresageError {
  constructor(
    readonly status: 406 | 415,
    message: string,
  ) {
    super('BAD_REQUEST', message)
  }
}
