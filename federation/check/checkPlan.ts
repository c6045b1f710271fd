import { Kind } from 'graphql'
import type { NormalOperation } from '../operations/normalOperation'
import type { FetchNode, PlanNode } from '../queryPlan'
import { Alternatives } from '../supergraph/alternatives'
import type { Supergraph } from '../supergraph/readSupergraph'
import { Answer } from './answer'
import { type FetchDocument, readDocument } from './document'
import { checkEntities } from './entities'
import { CheckStopped, type PlanProblem, Report } from './report'
import { Place, type Visible } from './symbols'
import { checkWanted } from './wanted'

export type { PlanProblem } from './report'

/**
 * Checks that a plan answers the operation, by executing it symbolically. Each fetch must be allowed and must have all
 * that it sends, and in the end everything that the operation wants must be there. The check shares no code or
 * assumptions with the planner.
 *
 * Returns the problems; an empty list means that the plan is correct. Never throws.
 */
export function checkPlan(
  plan: PlanNode,
  operation: NormalOperation,
  supergraph: Supergraph,
  maxSteps = 100_000,
): readonly PlanProblem[] {
  const report = new Report(maxSteps)
  try {
    new PlanCheck(operation, supergraph, report).run(plan)
  } catch (error) {
    if (!(error instanceof CheckStopped)) {
      return [...report.problems, { message: `The plan cannot be checked: ${String(error)}` }]
    }
  }
  return report.problems
}

class PlanCheck {
  private readonly root: Place
  private fetches = 0

  constructor(
    private readonly operation: NormalOperation,
    private readonly supergraph: Supergraph,
    private readonly report: Report,
  ) {
    this.root = new Place([], [operation.root.type.name], new Alternatives())
  }

  run(plan: PlanNode): void {
    let visible: Visible = new Set()
    this.checkRootFetches(plan)
    visible = this.runStep(plan, visible)
    checkWanted(this.operation.root, this.root, visible, this.report)
  }

  /** A query's root may be fetched anywhere; a mutation's only once, before everything else. */
  private checkRootFetches(plan: PlanNode): void {
    const roots = rootsOf(plan)
    for (const { operationKind } of roots) {
      if (operationKind === this.operation.kind) continue
      this.report.add(`The plan of a ${this.operation.kind} has a root fetch that is a ${operationKind}`)
    }
    if (this.operation.kind !== 'mutation') return
    if (roots.length !== 1 || firstOf(plan) !== roots[0]) {
      this.report.add('A mutation is not fetched exactly once and first')
    }
  }

  /** Returns the fetches that are visible after the node, given those before it. */
  private runStep(node: PlanNode, visible: Visible): Visible {
    this.report.step()
    switch (node.kind) {
      case 'Sequence':
        return node.nodes.reduce((seen, next) => this.runStep(next, seen), visible)
      case 'Parallel':
        return new Set(
          node.nodes.flatMap((branch) => [...this.runStep(branch, visible)]).concat([...visible]),
        )
      case 'Fetch': {
        const document = readDocument(node, [], this.operation, this.supergraph, this.report)
        this.checkMutation(document)
        const { answer, after } = this.answerOf(document, visible)
        const type = this.operation.root.type.name
        answer.write(document.operation.selectionSet, this.root, [{ typename: type, types: [type] }], [])
        return after
      }
      case 'Entities': {
        const variables = node.lists.map(({ variable }) => variable)
        const document = readDocument(node, variables, this.operation, this.supergraph, this.report)
        const { answer, after } = this.answerOf(document, visible)
        const { root, supergraph, report } = this
        checkEntities(node.lists, { document, answer, root, visible, supergraph, report })
        return after
      }
    }
  }

  private answerOf(document: FetchDocument, visible: Visible): { answer: Answer; after: Visible } {
    const fetch = this.fetches++
    const answer = new Answer(document, fetch, visible, this.supergraph, this.report)
    return { answer, after: new Set([...visible, fetch]) }
  }

  /** Two response keys would run the mutation twice. */
  private checkMutation({ operation: { selectionSet } }: FetchDocument): void {
    if (this.operation.kind !== 'mutation') return
    const [only, ...others] = selectionSet.selections
    if (others.length > 0 || only.kind !== Kind.FIELD) {
      this.report.add('A mutation fetch does not ask for exactly one root field')
    }
  }
}

function rootsOf(node: PlanNode): readonly FetchNode[] {
  if (node.kind === 'Fetch') return [node]
  return node.kind === 'Entities' ? [] : node.nodes.flatMap(rootsOf)
}

/** The fetch that finishes before any other begins. */
function firstOf(node: PlanNode): PlanNode | undefined {
  switch (node.kind) {
    case 'Sequence':
      return node.nodes.length > 0 ? firstOf(node.nodes[0]) : undefined
    case 'Parallel':
      return node.nodes.length === 1 ? firstOf(node.nodes[0]) : undefined
    default:
      return node
  }
}
