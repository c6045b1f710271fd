import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { compileGuard, type Guard } from './guard'

/** What the selections of an operation are read against. */
export interface ShapeContext {
  /** The public schema. */
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
}

/** A selection set, and under which conditions it takes part. */
export interface SelectionSource {
  readonly selectionSet: SelectionSetNode
  readonly guard: Guard
}

/** All uses of one response key. */
export interface CollectedField {
  readonly responseKey: string
  readonly name: string
  /** As the document has it, once for each use. */
  readonly nodes: FieldNode[]
  /** The field is shown where one of them holds; by use, as `nodes`. */
  readonly guards: Guard[]
  /** Its own selections, of all uses. */
  readonly selections: SelectionSource[]
}

/** Merges selections into fields by response key, in the order that the client wrote, for objects of one type. */
export function collectFields(
  type: GraphQLCompositeType,
  sources: readonly SelectionSource[],
  context: ShapeContext,
): CollectedField[] {
  const fields = new Map<string, CollectedField>()
  const visited = new Set<string>()
  for (const { selectionSet, guard } of sources) {
    // A fragment counts once per source: another source may bring it under other conditions.
    visited.clear()
    collectInto(fields, visited, type, selectionSet, guard, context)
  }
  return [...fields.values()]
}

function collectInto(
  fields: Map<string, CollectedField>,
  visited: Set<string>,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
  outer: Guard,
  context: ShapeContext,
): void {
  for (const selection of selectionSet.selections) {
    const guard = compileGuard(selection.directives, outer)
    if (guard === undefined) continue
    if (selection.kind === Kind.FIELD) {
      addField(fields, selection, guard)
      continue
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : context.fragments.get(selection.name.value)
    if (fragment === undefined || !applies(fragment.typeCondition?.name.value, type, context.schema)) continue
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const key = `${selection.name.value} ${guard.map(({ variable, value }) => `${variable}=${value}`).join()}`
      if (visited.has(key)) continue
      visited.add(key)
    }
    collectInto(fields, visited, type, fragment.selectionSet, guard, context)
  }
}

function addField(fields: Map<string, CollectedField>, node: FieldNode, guard: Guard): void {
  const responseKey = (node.alias ?? node.name).value
  let field = fields.get(responseKey)
  if (field === undefined) {
    field = { responseKey, name: node.name.value, nodes: [], guards: [], selections: [] }
    fields.set(responseKey, field)
  }
  field.nodes.push(node)
  field.guards.push(guard)
  if (node.selectionSet) field.selections.push({ selectionSet: node.selectionSet, guard })
}

function applies(condition: string | undefined, type: GraphQLCompositeType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === type.name) return true
  const conditionType = schema.getType(condition)
  return (
    isAbstractType(conditionType) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    schema.isSubType(conditionType, type)
  )
}
