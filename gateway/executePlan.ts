import type { GraphQLSchema } from 'graphql'
import type { Alarms } from '../lib/alarms'
import type { ClientRequest } from '../lib/clientRequest'
import { Explain, explainedIn } from '../lib/explain'
import type { CompiledOperation } from './compileOperation'
import { explainExtensions } from './explained'
import { introspect } from './introspection'
import type { OperationResult } from './knownOperation'
import { PlanRun, type Variables } from './planRun'
import { mergeInto } from './responseData'

/** Runs a compiled operation for one client request, with coerced variables. `alarms` tell when the answer must be out. */
export function executePlan(
  operation: CompiledOperation,
  variables: Variables,
  request: ClientRequest,
  schema: GraphQLSchema,
  alarms: Alarms<PlanRun>,
): Promise<OperationResult> {
  // Several operations may come in one request; each tells of its own predictions.
  const explain = request.explain && new Explain()
  const run = new PlanRun(explain ? explainedIn(request, explain) : request, variables, alarms)
  // Promises in a chain, here and wherever each request comes by: what an async function keeps while it waits is ten times as much.
  return begin(operation, run, schema).then(
    () => {
      run.dispose()
      const shaped = operation.shape.shape(run)
      return explain === undefined ? shaped : { ...shaped, extensions: explainExtensions(explain) }
    },
    (error) => {
      run.dispose()
      throw error
    },
  )
}

function begin(
  { introspection, plan }: CompiledOperation,
  run: PlanRun,
  schema: GraphQLSchema,
): Promise<void> {
  try {
    if (introspection !== undefined) {
      mergeInto(run.data, introspect(schema, introspection, run.variables))
    }
    return plan?.(run) ?? nothingPending
  } catch (error) {
    return Promise.reject(error)
  }
}

const nothingPending = Promise.resolve()
