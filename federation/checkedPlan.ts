import { PresageError } from '../lib/errors'
import { checkPlan } from './check/checkPlan'
import type { NormalOperation } from './operations/normalOperation'
import { NotPlannable, planOperation } from './planner/planOperation'
import type { PlanNode } from './queryPlan'
import type { Supergraph } from './supergraph/readSupergraph'

/** Plans an operation and checks the plan. Throws NOT_SUPPORTED if no correct plan is found for it. */
export function checkedPlan(operation: NormalOperation, supergraph: Supergraph): PlanNode {
  const node = plan(operation, supergraph)
  const [problem] = checkPlan(node, operation, supergraph)
  if (problem !== undefined) throw notSupported(problem.field, problem.message)
  return node
}

function plan(operation: NormalOperation, supergraph: Supergraph): PlanNode {
  try {
    return planOperation(operation, supergraph)
  } catch (error) {
    if (!(error instanceof NotPlannable)) throw error
    throw notSupported(error.field, 'no subgraph that has the field can be reached from there')
  }
}

function notSupported(field: string | undefined, why: string): PresageError {
  return new PresageError('NOT_SUPPORTED', `${field ?? 'operation'}: cannot be fetched: ${why}`, { field })
}
