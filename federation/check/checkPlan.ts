import { Kind, type SelectionSetNode } from 'graphql'
import type { NormalOperation } from '../operations/normalOperation'
import type { EntitiesNode, FetchNode, PlanNode } from '../queryPlan'
import { Alternatives } from '../supergraph/alternatives'
import type { Supergraph } from '../supergraph/readSupergraph'
import { Answer } from './answer'
import { type FetchCheck, readDocument } from './document'
import { checkEntities } from './entities'
import { CheckStopped, type PlanProblem, Report } from './report'
import { Place, type Visible } from './symbols'
import { checkWanted } from './wanted'

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
): readonly PlanProblem[] {
  const report = new Report()
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
    this.checkRootFetches(plan)
    const visible = this.runStep(plan, new Set())
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
        const check = this.read(node, visible)
        const { selectionSet } = check.document.operation
        this.checkMutation(selectionSet)
        const type = this.operation.root.type.name
        new Answer(check).write(selectionSet, this.root, [{ typename: type, types: [type] }], [])
        return new Set([...visible, check.fetch])
      }
      case 'Entities': {
        const check = this.read(node, visible)
        checkEntities(node.lists, this.root, check)
        return new Set([...visible, check.fetch])
      }
    }
  }

  private read(node: FetchNode | EntitiesNode, visible: Visible): FetchCheck {
    const { operation, supergraph, report } = this
    const document = readDocument(node, operation, supergraph, report)
    return { document, fetch: this.fetches++, visible, supergraph, report }
  }

  /** Two response keys would run the mutation twice. */
  private checkMutation({ selections }: SelectionSetNode): void {
    if (this.operation.kind !== 'mutation') return
    const [only, ...others] = selections
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
