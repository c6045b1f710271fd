import type { ExecutionResult, GraphQLError } from 'graphql'
import type { FoundErrors } from '../../lib/execution/sharedError'
import { singleErrors } from '../graphql/locatedError'
import type { ResponseObject } from '../graphql/responseData'

const found = Symbol('errors of a local result')

/** The result of an operation. Shared errors are split into single ones only if `errors` is read. */
export function localResult(
  data: ResponseObject | null,
  { errors, shared }: FoundErrors<GraphQLError>,
): ExecutionResult {
  if (shared.length === 0) return errors.length === 0 ? { data } : { data, errors }
  let all: readonly GraphQLError[] | undefined
  const result: ExecutionResult = {
    data,
    get errors() {
      all ??= [...errors, ...shared.flatMap(singleErrors)]
      return all
    },
  }
  return Object.defineProperty(result, found, { value: { errors, shared } })
}

/** The errors of any executor's result. Results of `localResult` keep shared errors together. */
export function errorsOf(result: ExecutionResult): FoundErrors<GraphQLError> {
  const own = (result as { readonly [found]?: FoundErrors<GraphQLError> })[found]
  return own ?? { errors: result.errors ?? [], shared: [] }
}
