import {
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Variables } from './planRun'
import type { ResponseObject } from './responseData'

/** An operation that asks about the schema, in two: what graphql-js answers here, and what is left to be planned. */
export interface SplitOperation {
  readonly introspection: DocumentNode
  /** Undefined where nothing is left. */
  readonly rest: DocumentNode | undefined
}

/** Undefined where the operation does not ask about the schema. */
export function splitIntrospection(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SplitOperation | undefined {
  const introspection = filterRoot(operation.selectionSet, fragments, isIntrospection)
  if (introspection === undefined) return undefined
  const rest = filterRoot(operation.selectionSet, fragments, (name) => !isIntrospection(name))
  return {
    introspection: documentOf(operation, introspection, fragments),
    rest: rest && documentOf(operation, rest, fragments),
  }
}

/** The introspection part's answer, by the client's response keys. */
export function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
): ResponseObject {
  const result = execute({ schema, document, variableValues: variables })
  return 'data' in result && result.data ? result.data : {}
}

function isIntrospection(name: string): boolean {
  return name === '__schema' || name === '__type'
}

/** The selections at the root that `keep` lets through. Fragments are written out, so that each part has its own. */
function filterRoot(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  keep: (field: string) => boolean,
): SelectionSetNode | undefined {
  const selections = selectionSet.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(selection.name.value) ? [selection] : []
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    const kept = fragment && filterRoot(fragment.selectionSet, fragments, keep)
    if (kept === undefined) return []
    const { typeCondition } = fragment ?? {}
    return [
      { kind: Kind.INLINE_FRAGMENT, typeCondition, directives: selection.directives, selectionSet: kept },
    ]
  })
  return selections.length === 0 ? undefined : { kind: Kind.SELECTION_SET, selections }
}

/** A document of the operation with these selections, and of the fragments and variables that they still use. */
function documentOf(
  operation: OperationDefinitionNode,
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode {
  const used = new Set<FragmentDefinitionNode>()
  const variables = new Set<string>()
  const collect = (node: SelectionSetNode | FragmentDefinitionNode): void => {
    visit(node, {
      Variable: ({ name }) => {
        variables.add(name.value)
      },
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value)
        if (fragment === undefined || used.has(fragment)) return
        used.add(fragment)
        collect(fragment)
      },
    })
  }
  collect(selectionSet)
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    variables.has(variable.name.value),
  )
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions, selectionSet }, ...used] }
}
