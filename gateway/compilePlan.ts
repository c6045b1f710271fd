import type { FetchNode, PlanNode } from '@graphql-hive/router-query-planner'
import { unreachable } from '../lib/invariant'
import type { SubgraphExecutor } from '../lib/subgraphExecutor'
import { compileBatchFetch, compileEntityFetch } from './compileEntityFetch'
import { explainedCall } from './explained'
import { fieldsByType, rootFields } from './fetchedFields'
import { holds } from './guard'
import { locatedError } from './locatedError'
import type { PlanRun, Step } from './planRun'
import { mergeInto } from './responseData'
import { compileRewrites, renamePath } from './rewrites'
import { callSubgraph, compileSubgraphCall, pickVariables, type SubgraphAnswer } from './subgraphCall'
import type { Supergraph } from './supergraph'

/** Compiles a query plan, once: subgraph documents are parsed, and paths, requirements and rewrites become closures. */
export function compilePlan(
  node: PlanNode,
  executors: ReadonlyMap<string, SubgraphExecutor>,
  supergraph: Supergraph,
): Step {
  const compile = (child: PlanNode): Step => compilePlan(child, executors, supergraph)
  switch (node.kind) {
    case 'Fetch':
      return compileRootFetch(node, executors, supergraph)
    case 'Flatten':
      if (node.node.kind !== 'Fetch') throw new Error(`Bug: a ${node.node.kind} at a path`)
      return compileEntityFetch(node.node, node.path, executors, supergraph)
    case 'BatchFetch':
      return compileBatchFetch(node, executors, supergraph)
    case 'Sequence':
      return inSequence(node.nodes.map(compile))
    case 'Parallel':
      return inParallel(node.nodes.map(compile))
    case 'Condition': {
      const { condition } = node
      const whenTrue = node.ifClause ? compile(node.ifClause) : nothing
      const whenFalse = node.elseClause ? compile(node.elseClause) : nothing
      return (run) => (run.variables[condition] === true ? whenTrue(run) : whenFalse(run))
    }
    case 'Defer':
    case 'Subscription':
      throw new Error(`Bug: a ${node.kind} node of an operation that should have been refused`)
    default:
      return unreachable(node)
  }
}

const nothing: Step = () => undefined

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

function compileRootFetch(
  node: FetchNode,
  executors: ReadonlyMap<string, SubgraphExecutor>,
  supergraph: Supergraph,
): Step {
  const call = compileSubgraphCall(node, executors)
  const fields = fieldsByType(rootFields(call.operation.document), supergraph)(undefined)
  const rewriteAnswer = compileRewrites(node.outputRewrites, supergraph)
  const take = (answer: SubgraphAnswer, run: PlanRun) => {
    if (answer.failure !== undefined) {
      for (const { responseKey, guard } of fields) {
        if (holds(guard, run.variables)) run.fail(run.data, responseKey, [], answer.failure)
      }
      return
    }
    if (answer.data !== undefined) {
      rewriteAnswer?.(answer.data)
      mergeInto(run.data, answer.data)
    }
    for (const error of answer.errors) {
      const path = error.path && renamePath(error.path, node.outputRewrites)
      run.addError(locatedError(error, path))
      if (path !== undefined) run.markFailed(run.data, path)
    }
  }
  return (run) => {
    const variables = pickVariables(call, run.variables)
    const { explain } = run.request
    if (explain === undefined) return callSubgraph(call, variables, run).then((answer) => take(answer, run))
    const { request, part } = explainedCall(run.request)
    return callSubgraph(call, variables, run, request).then((answer) => {
      if (part !== undefined) explain.addPart(part, (path) => [renamePath(path, node.outputRewrites)])
      take(answer, run)
    })
  }
}
