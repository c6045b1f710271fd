import {
  type ASTNode,
  type ConstArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Where a node is in a document: names of properties, and places in lists. */
export type NodePath = readonly (string | number)[]

/** One step towards a smaller document, by place, so that it can be done to another document of the same shape. */
export interface Edit {
  readonly path: NodePath
  /** What comes in the node's place: nothing, another one, or several where it is in a list. Undefined: cannot be done. */
  readonly change: (node: ASTNode, document: DocumentNode) => readonly ASTNode[] | undefined
}

/** All steps from here, those that take away most first. */
export function editsOf(document: DocumentNode): readonly Edit[] {
  const edits: Edit[] = []
  visitNodes(document, [], (node, path) => {
    for (const change of changesFor(node)) edits.push({ path, change })
  })
  return edits
}

/** The document after a step; undefined where it cannot be done. */
export function apply(document: DocumentNode, { path, change }: Edit): DocumentNode | undefined {
  const node = path.reduce<unknown>(
    (at, key) => (at as Record<string | number, unknown> | undefined)?.[key],
    document,
  )
  if (!isNode(node)) return undefined
  const changed = change(node, document)
  return changed && (replace(document, path, changed) as DocumentNode | undefined)
}

function visitNodes(node: ASTNode, path: NodePath, see: (node: ASTNode, path: NodePath) => void): void {
  if (path.length > 0) see(node, path)
  for (const [key, value] of Object.entries(node)) {
    if (key === 'loc' || key === 'kind') continue
    if (Array.isArray(value)) {
      value.forEach((item, i) => {
        if (isNode(item)) visitNodes(item, [...path, key, i], see)
      })
    } else if (isNode(value)) visitNodes(value, [...path, key], see)
  }
}

function changesFor(node: ASTNode): Edit['change'][] {
  const remove: Edit['change'] = () => []
  switch (node.kind) {
    case Kind.OPERATION_DEFINITION:
      return [remove, ...(node.name ? [(it: ASTNode) => [{ ...it, name: undefined } as ASTNode]] : [])]
    case Kind.FIELD:
      return [
        remove,
        ...(node.selectionSet ? [typenameOnly] : []),
        ...(node.alias ? [(it: ASTNode) => [{ ...it, alias: undefined } as ASTNode]] : []),
      ]
    case Kind.INLINE_FRAGMENT:
      return [
        remove,
        selectionsOf,
        ...(node.typeCondition ? [(it: ASTNode) => [{ ...it, typeCondition: undefined } as ASTNode]] : []),
      ]
    case Kind.FRAGMENT_SPREAD:
      return [remove, inlined]
    case Kind.DIRECTIVE:
      return [
        remove,
        () => [{ ...node, arguments: [condition(true)] }],
        () => [{ ...node, arguments: [condition(false)] }],
      ]
    case Kind.ARGUMENT:
    case Kind.OBJECT_FIELD:
      return [remove]
    case Kind.VARIABLE_DEFINITION:
      return node.defaultValue ? [(it) => [{ ...it, defaultValue: undefined } as ASTNode]] : []
    default:
      return []
  }
}

const typenameField: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

function condition(value: boolean): ConstArgumentNode {
  return { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'if' }, value: { kind: Kind.BOOLEAN, value } }
}

function typenameOnly(node: ASTNode): readonly ASTNode[] | undefined {
  if (node.kind !== Kind.FIELD || node.selectionSet === undefined) return undefined
  const [first, ...others] = node.selectionSet.selections
  if (others.length === 0 && first.kind === Kind.FIELD && first.name.value === '__typename') return undefined
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [typenameField] }
  return [{ ...node, selectionSet }]
}

function selectionsOf(node: ASTNode): readonly ASTNode[] | undefined {
  return node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet.selections : undefined
}

function inlined(node: ASTNode, document: DocumentNode): readonly ASTNode[] | undefined {
  if (node.kind !== Kind.FRAGMENT_SPREAD) return undefined
  const fragment = document.definitions.find(
    (it): it is FragmentDefinitionNode =>
      it.kind === Kind.FRAGMENT_DEFINITION && it.name.value === node.name.value,
  )
  if (fragment === undefined) return undefined
  const { typeCondition, selectionSet } = fragment
  return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: node.directives }]
}

/** A copy with other nodes at the place; undefined where one node needs to be and none or several come. */
function replace(at: unknown, [key, ...rest]: NodePath, nodes: readonly ASTNode[]): unknown {
  const container = at as Record<string | number, unknown>
  if (rest.length === 0) {
    if (Array.isArray(at)) return at.toSpliced(Number(key), 1, ...nodes)
    return nodes.length === 1 ? { ...container, [key]: nodes[0] } : undefined
  }
  const inside = replace(container[key], rest, nodes)
  if (inside === undefined) return undefined
  if (Array.isArray(at)) return at.with(Number(key), inside)
  return { ...container, [key]: inside }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}
