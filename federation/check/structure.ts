import type { DocumentNode } from 'graphql'
import type {
  BatchFetchNode,
  FetchNode,
  PlanNode,
  EntityList as PlannedList,
  RequiresSelection,
  PathSegment as Segment,
} from '../queryPlan'
import { documentOf } from '../queryPlan'

/** A plan in the form in which it is checked. It holds nothing that the check does not understand. */
export type PlanStep =
  | { readonly kind: 'root'; readonly fetch: PlannedFetch }
  | { readonly kind: 'entities'; readonly fetch: PlannedFetch; readonly lists: readonly EntityList[] }
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanStep[] }

export interface PlannedFetch {
  readonly subgraph: string
  readonly operationKind: string
  /** Throws if the operation is not valid GraphQL syntax. */
  readonly document: () => DocumentNode
  /** The operation's variables that are passed on. */
  readonly variableUsages: ReadonlySet<string>
}

/** Entities at some paths, fetched together. */
export interface EntityList {
  /** The response key of `_entities`. */
  readonly key: string
  /** The variable for the representations. */
  readonly variable: string
  readonly paths: readonly (readonly PathSegment[])[]
  readonly sent: readonly Sent[]
}

/** Lists are entered at any depth. */
export type PathSegment =
  | { readonly kind: 'field'; readonly key: string }
  | { readonly kind: 'types'; readonly names: readonly string[] }

/** A part of a representation. */
export type Sent =
  | {
      readonly kind: 'field'
      /** The response key in the fetched data. */
      readonly from: string
      /** The key in the representation. */
      readonly to: string
      readonly selections: readonly Sent[]
    }
  | { readonly kind: 'fragment'; readonly type: string; readonly selections: readonly Sent[] }

export function readPlan(node: PlanNode): PlanStep {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', steps: node.nodes.map(readPlan) }
    case 'Parallel':
      return { kind: 'parallel', steps: node.nodes.map(readPlan) }
    case 'Fetch':
      return { kind: 'root', fetch: fetchOf(node, node.operationKind) }
    case 'Flatten': {
      const { requires = [] } = node.node
      const list = {
        alias: '_entities',
        representationsVariableName: 'representations',
        paths: [node.path],
        requires,
      }
      return { kind: 'entities', fetch: fetchOf(node.node, node.node.operationKind), lists: [listOf(list)] }
    }
    case 'BatchFetch':
      return { kind: 'entities', fetch: fetchOf(node, 'query'), lists: node.entityBatch.aliases.map(listOf) }
  }
}

function fetchOf(node: FetchNode | BatchFetchNode, operationKind: string): PlannedFetch {
  const { serviceName: subgraph, variableUsages } = node
  const document = () => documentOf(node)
  return { subgraph, operationKind, document, variableUsages: new Set(variableUsages) }
}

function listOf({ alias, representationsVariableName: variable, paths, requires }: PlannedList): EntityList {
  return { key: alias, variable, paths: paths.map((path) => path.map(segmentOf)), sent: requires.map(sentOf) }
}

function segmentOf(segment: Segment): PathSegment {
  return 'Field' in segment
    ? { kind: 'field', key: segment.Field }
    : { kind: 'types', names: segment.TypeCondition }
}

function sentOf(selection: RequiresSelection): Sent {
  const { selections = [] } = selection
  if (selection.kind === 'InlineFragment') {
    return { kind: 'fragment', type: selection.typeCondition, selections: selections.map(sentOf) }
  }
  const { name: from, alias: to = from } = selection
  return { kind: 'field', from, to, selections: selections.map(sentOf) }
}
