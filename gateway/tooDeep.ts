import { PresageError } from '../lib/errors'

/** An operation that nests deeper than the planner reads, or than the parser has stack for. */
export function tooDeep(): PresageError {
  return new PresageError('BAD_REQUEST', 'operation: must nest less than 50 levels deep, got more')
}
