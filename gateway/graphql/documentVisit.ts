import type { ASTNode, ASTVisitor, DocumentNode } from 'graphql'
import { QueryDocumentKeys } from 'graphql/language/ast'

type Parent = ASTNode | readonly ASTNode[]
type Key = string | number

type Visit = (
  node: ASTNode,
  key: Key | undefined,
  parent: Parent | undefined,
  path: readonly Key[],
  ancestors: readonly Parent[],
) => unknown

/**
 * Visits a document as `validate` of graphql-js does, with the same arguments in the same order, but one step at a
 * time. Visitors may skip nodes, but not edit them or break off.
 */
export class DocumentVisit {
  private readonly enterNode: Visit | undefined
  private readonly leaveNode: Visit | undefined
  private readonly path: Key[] = []
  private readonly ancestors: Parent[] = []
  private readonly open: Open[] = []

  /** `visitor` has functions for all kinds of nodes, as those of `visitWithTypeInfo` have. */
  constructor(document: DocumentNode, visitor: ASTVisitor) {
    const { enter, leave } = visitor as { readonly enter?: Visit; readonly leave?: Visit }
    this.enterNode = enter
    this.leaveNode = leave
    this.open.push({ node: [document], keys: undefined, next: 0, key: undefined, parent: undefined })
  }

  /** Enters or leaves the next node. False if there is none. */
  step(): boolean {
    const { open } = this
    const last = open[open.length - 1]
    if (last.next < (last.keys ?? (last.node as readonly ASTNode[])).length) {
      const key = last.keys === undefined ? last.next : last.keys[last.next]
      last.next++
      const child = (last.node as unknown as Readonly<Record<Key, ASTNode | undefined>>)[key]
      if (open.length === 1) this.enter(child!, undefined, undefined)
      else if (child != null) this.enter(child, key, last.node)
      return true
    }
    if (open.length === 1) return false
    open.pop()
    this.leave(last)
    return true
  }

  private enter(node: Parent, key: Key | undefined, parent: Parent | undefined): void {
    const { path, ancestors } = this
    if (key !== undefined) path.push(key)
    if (isNode(node)) {
      const result = this.enterNode?.(node, key, parent, path, ancestors)
      if (result === false) {
        path.pop()
        return
      }
      if (result !== undefined) throw new Error('a visitor edits the document, or breaks off')
    }
    if (parent !== undefined) ancestors.push(parent)
    this.open.push({ node, keys: isNode(node) ? keys[node.kind] : undefined, next: 0, key, parent })
  }

  private leave({ node, key, parent }: Open): void {
    const { path, ancestors } = this
    if (parent !== undefined) ancestors.pop()
    if (isNode(node)) {
      const result = this.leaveNode?.(node, key, parent, path, ancestors)
      if (result !== undefined && result !== false)
        throw new Error('a visitor edits the document, or breaks off')
    }
    if (key !== undefined) path.pop()
  }
}

/** A node, or a list of nodes, that was entered and not left. */
interface Open {
  readonly node: Parent
  /** Undefined for a list. */
  readonly keys: readonly string[] | undefined
  /** Which child is entered next. */
  next: number
  readonly key: Key | undefined
  readonly parent: Parent | undefined
}

function isNode(place: Parent): place is ASTNode {
  return !Array.isArray(place)
}

/** As `validate` visits them: descriptions are not looked at. */
const keys = Object.fromEntries(
  Object.entries(QueryDocumentKeys).map(([kind, members]) => [
    kind,
    members.filter((member) => member !== 'description'),
  ]),
)
