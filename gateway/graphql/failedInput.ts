import { PresageError } from '../../lib/errors'
import type { Path } from './responseData'

/** A prediction lacks an input, because fetching that failed. */
export class FailedInput extends PresageError {
  constructor(
    /** `Type.field` of the prediction, and of the input. */
    private readonly prediction: string,
    private readonly input: string,
    /** Where the input is, by the keys of the merged data. */
    readonly path: Path,
    /**
     * The same, with the schema's names and arguments below the prediction's object. This is told until the client's
     * path is known.
     */
    readonly named: Path,
  ) {
    const failedPath = named.join('.')
    super('UPSTREAM_FAILED', `${prediction} needs ${input}, which failed at ${failedPath}`, {
      field: input,
      failedPath,
    })
  }

  /** The same, told with this path. */
  at(told: Path): FailedInput {
    return new FailedInput(this.prediction, this.input, this.path, told)
  }
}
