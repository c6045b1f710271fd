import type { FetchNode, PlanNode } from '../../federation/queryPlan'
import { unreachable } from '../../lib/invariant'
import { locatedError } from '../graphql/locatedError'
import { mergeInto } from '../graphql/responseData'
import { type PlanRun, pick, type Step } from '../run/planRun'
import { compileBatchFetch, compileEntityFetch } from './compileEntityFetch'
import { explainedCall } from './explained'
import { rootFields } from './fetchedFields'
import { callSubgraph, compileSubgraphCall, type PlanContext, type SubgraphAnswer } from './subgraphCall'

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

function compileRootFetch(node: FetchNode, context: PlanContext): Step {
  const call = compileSubgraphCall(node, context)
  const fields = rootFields(call.operation.document)
  const take = ({ failure, list, data, errors, shared }: SubgraphAnswer, run: PlanRun) => {
    if (list !== undefined) {
      run.takeList(list)
      return
    }
    if (failure !== undefined) {
      for (const { responseKey } of fields) run.fail(run.data, responseKey, [], failure)
      return
    }
    if (data !== undefined) mergeInto(run.data, data)
    for (const error of errors) {
      run.addError(locatedError(error, error.path))
      if (error.path !== undefined) run.markFailed(run.data, error.path)
    }
    for (const one of shared) run.addShared(one)
    // One of its non-null fields was null, which made the whole data null.
    if (data === undefined) for (const { responseKey } of fields) run.markFailed(run.data, [responseKey])
  }
  return (run) => {
    const variables = pick(call.variableNames, run.variables)
    const { explain } = run.request
    if (explain === undefined) return callSubgraph(call, variables, run).then((answer) => take(answer, run))
    const { request, part } = explainedCall(run.request)
    return callSubgraph(call, variables, run, request).then((answer) => {
      if (part !== undefined) explain.addPart(part, (path) => [path])
      take(answer, run)
    })
  }
}
