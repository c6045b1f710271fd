import { PresageError } from '../lib/errors'
import { isMap } from '../lib/isMap'
import type { RouteQuestion } from '../serving/routes/resolveRoute'

/** The arguments of fields about routes. */
export interface RouteArguments {
  readonly objective: string
  readonly context?: unknown
  readonly inputs?: unknown
  readonly shard?: string | null
}

/** Throws BAD_USER_INPUT. */
export function routeQuestion({ objective, shard, ...values }: RouteArguments): RouteQuestion {
  return {
    objective,
    context: valuesByName(values.context, 'context'),
    inputs: valuesByName(values.inputs, 'inputs'),
    shard: shard ?? undefined,
  }
}

/** An argument of type JSON that holds values by name; undefined if it was left out or is null. Throws BAD_USER_INPUT. */
export function valuesByName(
  value: unknown,
  argument: string,
): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined
  if (isMap(value)) return value
  throw new PresageError('BAD_USER_INPUT', `${argument}: must be an object of values by name`)
}
