import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What `collectFields` needs besides the selections. */
export interface SelectionContext {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Whether the conditions of a selection include it. Without this function, conditions are ignored. */
  isIncluded?(selection: SelectionNode): boolean
}

export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((node) => [node.name.value, node]))
}

/** All uses of one response key. */
export interface CollectedField {
  readonly responseKey: string
  readonly name: string
  /** The distinct nodes in the document. */
  readonly nodes: FieldNode[]
}

/**
 * CollectFields of the specification: the selections for objects of one type, merged by response key in document order.
 */
export function collectFields(
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
  context: SelectionContext,
): CollectedField[] {
  const fields = new Map<string, CollectedField>()
  const visited = new Set<string>()
  for (const selectionSet of selectionSets) collectInto(fields, visited, type, selectionSet, context)
  return [...fields.values()]
}

/** The selections below a field, from all its uses. */
export function subselections({ nodes }: CollectedField): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
}

function collectInto(
  fields: Map<string, CollectedField>,
  visited: Set<string>,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSet: SelectionSetNode,
  context: SelectionContext,
): void {
  for (const selection of selectionSet.selections) {
    const isSpread = selection.kind === Kind.FRAGMENT_SPREAD
    // Checked before the condition, as in graphql-js: the condition may be an error.
    if (isSpread && visited.has(selection.name.value)) continue
    if (context.isIncluded?.(selection) === false) continue
    if (selection.kind === Kind.FIELD) {
      addField(fields, selection)
      continue
    }
    if (isSpread) visited.add(selection.name.value)
    const fragment = isSpread ? context.fragments.get(selection.name.value) : selection
    if (fragment === undefined || !applies(fragment.typeCondition?.name.value, type, context.schema)) continue
    collectInto(fields, visited, type, fragment.selectionSet, context)
  }
}

function addField(fields: Map<string, CollectedField>, node: FieldNode): void {
  const responseKey = (node.alias ?? node.name).value
  const field = fields.get(responseKey)
  if (field === undefined) fields.set(responseKey, { responseKey, name: node.name.value, nodes: [node] })
  else field.nodes.push(node)
}

function applies(
  condition: string | undefined,
  type: GraphQLObjectType | GraphQLInterfaceType,
  schema: GraphQLSchema,
): boolean {
  if (condition === undefined || condition === type.name) return true
  const conditionType = schema.getType(condition)
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type)
}
