import type { GraphQLError, GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { Clock } from '../lib/clock'
import type { CompiledOperation } from './compileOperation'
import { introspect } from './introspection'
import { PlanRun, type Variables } from './planRun'
import { mergeInto } from './responseData'

/** The answer of an operation that ran: its data as JSON, and the errors of what is null in it. */
export interface ExecutedPlan {
  readonly dataText: string
  readonly errors: readonly GraphQLError[]
}

/** Runs a compiled operation for one client request, with coerced variables. */
export async function executePlan(
  operation: CompiledOperation,
  variables: Variables,
  request: ClientRequest,
  schema: GraphQLSchema,
  clock: Clock,
): Promise<ExecutedPlan> {
  const run = new PlanRun(request, variables, clock)
  try {
    if (operation.introspection !== undefined) {
      mergeInto(run.data, introspect(schema, operation.introspection, variables))
    }
    await operation.plan?.(run)
  } finally {
    run.dispose()
  }
  return operation.shape.shape(run)
}
