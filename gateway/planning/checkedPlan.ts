import { PresageError } from '../../lib/errors'
import type { NormalOperation } from '../operations/normalOperation'
import type { Supergraph } from '../supergraph/readSupergraph'
import { checkPlan } from './checkPlan'
import { NotPlannable, planOperation } from './plan/planOperation'
import type { PlanNode } from './queryPlan'

/** A plan that answers the operation, for certain. Throws NOT_SUPPORTED where there is none for it as it is written. */
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
    throw notSupported(error.field, 'no subgraph that has it can be asked for it there')
  }
}

function notSupported(field: string | undefined, why: string): PresageError {
  return new PresageError('NOT_SUPPORTED', `${field ?? 'operation'}: cannot be fetched: ${why}`, { field })
}
