import type { PlanNode } from '../../federation/queryPlan'
import { unreachable } from '../../lib/invariant'
import type { Step } from '../run/planRun'
import { compileBatchFetch, compileEntityFetch } from './compileEntityFetch'
import { compileRootFetch, type PlanContext } from './subgraphCall'

/**
 * Compiles a checked plan to a step, once: parses the subgraphs' documents, and turns paths and requirements into
 * closures.
 */
export function compilePlan(node: PlanNode, context: PlanContext): Step {
  const compile = (child: PlanNode): Step => compilePlan(child, context)
  switch (node.kind) {
    case 'Fetch':
      return compileRootFetch(node, context)
    case 'Flatten':
      return compileEntityFetch(node.node, node.path, context)
    case 'BatchFetch':
      return compileBatchFetch(node, context)
    case 'Sequence':
      return inSequence(node.nodes.map(compile))
    case 'Parallel':
      return inParallel(node.nodes.map(compile))
    default:
      return unreachable(node)
  }
}

function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) {
      const pending = step(run)
      if (pending !== undefined) await pending
    }
  }
}

function inParallel(steps: readonly Step[]): Step {
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)))
  }
}
