import { parse, specifiedRules, validate } from 'graphql'
import { planOperation } from '../../../federation/planner/planOperation'
import type {
  EntitiesNode,
  FetchNode,
  PathSegment,
  PlanNode,
  RequiresSelection,
} from '../../../federation/queryPlan'
import { checkedSupergraph, composeGraph } from '../checkGraph'

/** A graph whose operations are planned by our own planner. */
export interface PlannedGraph {
  /**
   * What is fetched: in waves, one after the other, each with what is sent at once. Throws where the check finds the plan wrong, or the
   * rules of graphql-js one of its documents.
   *
   *     catalog: {books{id pages}}
   *     reviews at books by Book{id pages}: {...on Book{density}}
   *
   * After `at` stands the path of the entities, with the types that it lets through in brackets; after `by` what is sent of them, as
   * `name=key` where it has another key in the data. Lists of one batch are separated by `&`. What one branch of a wave fetches after its
   * beginning stands after `then`.
   */
  waves(text: string): string[][]
}

export function plannedGraph(subgraphs: Readonly<Record<string, string>>): PlannedGraph {
  return plannedSupergraph(composeGraph(subgraphs))
}

export function plannedSupergraph(supergraphSdl: string): PlannedGraph {
  const graph = checkedSupergraph(supergraphSdl)
  return {
    waves(text) {
      const plan = planOperation(graph.operation(text), graph.supergraph)
      const [problem] = graph.check(text, plan)
      if (problem !== undefined) throw new Error(problem)
      for (const { serviceName, operation } of fetchesOf(plan)) {
        const [error] = validate(graph.supergraph.schema(serviceName)!, parse(operation), specifiedRules)
        if (error !== undefined) throw new Error(`${serviceName}: ${operation}: ${error.message}`)
      }
      const steps = plan.kind === 'Sequence' ? plan.nodes : [plan]
      return steps.map((step) => (step.kind === 'Parallel' ? step.nodes : [step]).map(shown))
    },
  }
}

function fetchesOf(node: PlanNode): readonly (FetchNode | EntitiesNode)[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesOf)
    default:
      return [node]
  }
}

function shown(node: PlanNode): string {
  switch (node.kind) {
    case 'Fetch':
      return `${node.serviceName}: ${node.operation}`
    case 'Entities': {
      const lists = node.lists.map(({ key, variable, paths, requires }) => {
        const alias = key === '_entities' ? '' : `${key}:`
        const [, after] = node.operation.split(`${alias}_entities(representations:$${variable})`)
        return `${list(requires, paths)}: ${untilClosed(after)}`
      })
      return `${node.serviceName} ${lists.join(' & ')}`
    }
    case 'Sequence':
      return node.nodes.map(shown).join(' then ')
    case 'Parallel':
      return `(${node.nodes.map(shown).join(' and ')})`
  }
}

function list(requires: readonly RequiresSelection[], paths: readonly (readonly PathSegment[])[]): string {
  return `at ${paths.map(pathText).join(' and ')} by ${requires.map(sent).join(' or ')}`
}

function pathText(path: readonly PathSegment[]): string {
  return path.map((segment) => ('Field' in segment ? segment.Field : `[${segment.TypeCondition}]`)).join('.')
}

function sent(selection: RequiresSelection): string {
  if (selection.kind === 'InlineFragment') return `${selection.typeCondition}${all(selection.selections)}`
  const { name, alias, selections = [] } = selection
  return `${alias === undefined ? name : `${alias}=${name}`}${selections.length === 0 ? '' : all(selections)}`
}

function all(selections: readonly RequiresSelection[]): string {
  return `{${selections
    .map(sent)
    .filter((name) => name !== '__typename')
    .join(' ')}}`
}

/** The selection with which a text begins. */
function untilClosed(text: string): string {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(0, at + 1)
  }
  throw new Error(`no selection: ${text}`)
}
