import { composeServices } from '@theguild/federation-composition'
import { type FragmentDefinitionNode, Kind, parse, specifiedRules, validate } from 'graphql'
import { checkPlan } from '../../federation/check/checkPlan'
import type { PlanProblem } from '../../federation/check/report'
import { normalize } from '../../federation/operations/normalize'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import { planOperation } from '../../federation/planner/planOperation'
import type { PlanNode } from '../../federation/queryPlan'
import { buildPublicSchema } from '../../federation/supergraph/publicSchema'
import { readSupergraph, type Supergraph } from '../../federation/supergraph/readSupergraph'
import { linkFederation } from '../gateway/federate'

/** A graph whose operations are planned, and whose plans are checked. */
export interface CheckedGraph {
  readonly supergraph: Supergraph
  /** The operation's normal form; of a mutation with one root field. */
  operation(text: string): NormalOperation
  /** What the planner makes of the normal form. */
  plan(text: string): PlanNode
  /** Messages about the planner's plan, or of another one. */
  check(text: string, plan?: unknown): string[]
  problems(text: string, plan?: unknown): readonly PlanProblem[]
}

export function composeGraph(subgraphs: Readonly<Record<string, string>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      typeDefs: parse(linkFederation.replace('"@key"', '"@key", "@override"') + sdl),
      url: 'http://localhost',
    })),
  )
  if (!supergraphSdl) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

export function checkedGraph(subgraphs: Readonly<Record<string, string>>): CheckedGraph {
  return checkedSupergraph(composeGraph(subgraphs))
}

export function checkedSupergraph(supergraphSdl: string): CheckedGraph {
  const supergraph = readSupergraph(supergraphSdl)
  const schema = buildPublicSchema(supergraphSdl)

  const operation = (text: string): NormalOperation => {
    const document = parse(text)
    const [error] = validate(schema, document, specifiedRules)
    if (error !== undefined) throw error
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    }
    const [node] = document.definitions
    if (node.kind !== Kind.OPERATION_DEFINITION) throw new Error('the operation stands first')
    const { parts } = normalize(
      { schema, operation: node, fragments, conditions: {}, numbers: new Map(), maxListLength: 100 },
      'compact',
    )
    return parts[0]
  }
  const plan = (text: string): PlanNode => planOperation(operation(text), supergraph)
  const problems = (text: string, other?: unknown) =>
    checkPlan((other === undefined ? plan(text) : other) as PlanNode, operation(text), supergraph)
  return {
    supergraph,
    operation,
    plan,
    problems,
    check: (text, other) => problems(text, other).map(({ message }) => message),
  }
}

/** A copy of the plan, changed in its text: each pair is what stands there, exactly once, and what comes in its place. */
export function changed(
  plan: unknown,
  ...changes: readonly (readonly [from: string, to: string])[]
): unknown {
  let text = JSON.stringify(plan)
  for (const [from, to] of changes) {
    const parts = text.split(from)
    if (parts.length !== 2) throw new Error(`${from} stands ${parts.length - 1} times in ${text}`)
    text = parts.join(to)
  }
  return JSON.parse(text)
}

/** The text of selections in `requires`, as plans have it. */
export function sentField(name: string, alias?: string): string {
  return JSON.stringify(alias === undefined ? { kind: 'Field', name } : { kind: 'Field', name, alias })
}
