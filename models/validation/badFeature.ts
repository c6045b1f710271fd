import { PresageError } from '../../lib/errors'

/** A value that a model cannot take: `where: expectation, got what`. */
export class BadFeature extends PresageError {
  constructor(
    /** The version, and its feature or the objective's input. */
    where: string,
    readonly expectation: string,
    readonly got: string,
    details: Readonly<Record<string, unknown>>,
  ) {
    super('BAD_FEATURE', `${where}: ${expectation}, got ${got}`, details)
  }
}
