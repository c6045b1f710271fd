import type { GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { Clock } from '../lib/clock'
import { Explain, explainedIn } from '../lib/explain'
import type { CompiledOperation } from './compileOperation'
import { explainExtensions } from './explained'
import { introspect } from './introspection'
import type { OperationResult } from './knownOperation'
import { PlanRun, type Variables } from './planRun'
import { mergeInto } from './responseData'

/** Runs a compiled operation for one client request, with coerced variables. */
export async function executePlan(
  operation: CompiledOperation,
  variables: Variables,
  request: ClientRequest,
  schema: GraphQLSchema,
  clock: Clock,
): Promise<OperationResult> {
  // Several operations may come in one request; each tells of its own predictions.
  const explain = request.explain && new Explain()
  const run = new PlanRun(explain ? explainedIn(request, explain) : request, variables, clock)
  try {
    if (operation.introspection !== undefined) {
      mergeInto(run.data, introspect(schema, operation.introspection, variables))
    }
    await operation.plan?.(run)
  } finally {
    run.dispose()
  }
  const shaped = operation.shape.shape(run)
  return explain === undefined ? shaped : { ...shaped, extensions: explainExtensions(explain) }
}
