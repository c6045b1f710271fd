import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { PresageError } from '../../lib/errors'
import { maxNesting } from '../graphql/tooDeep'

/** The measures of an operation: `depth` in levels of fields, the rest as counts. */
export interface OperationSizes {
  fields: number
  rootFields: number
  depth: number
  directives: number
  predictions: number
}

/** An unsupported feature, and where the document uses it. */
interface Refused {
  readonly error: PresageError
  readonly node: ASTNode
}

type IsPrediction = (type: string, field: string) => boolean

/**
 * Reads a document in one walk before it is validated, so it may contain anything that parses. The walk is recursive,
 * and ends where the document nests too deep.
 */
export class DocumentReading {
  /** Whether it is too deep for recursive code, such as rules of graphql-js; then the other members are incomplete. */
  nestsTooDeep = false
  /** Unsupported features, in the order of the document. */
  readonly refused: Refused[] = []
  private readonly operations = new Map<OperationDefinitionNode, Uses>()
  private readonly fragments = new Map<string, Uses>()
  private current = emptyUses()

  constructor(
    document: DocumentNode,
    private readonly schema: GraphQLSchema,
    private readonly isPrediction: IsPrediction = () => false,
  ) {
    this.children(document, undefined, 0, 0)
  }

  /** The measures of each operation, fragments included. */
  *sizes(): Generator<[OperationDefinitionNode, Readonly<OperationSizes>]> {
    const totals = new Map<Uses, OperationSizes>()
    for (const [operation, uses] of this.operations) yield [operation, this.total(uses, totals)]
  }

  /** Adds up each fragment only once, however often it is spread: a short document can stand for millions of fields. */
  private total(uses: Uses, totals: Map<Uses, OperationSizes>): Readonly<OperationSizes> {
    const known = totals.get(uses)
    if (known !== undefined) return known
    const { spreads, ...sum } = uses
    // Set before the fragments are visited, so that a fragment that spreads itself ends here. Another rule reports it.
    totals.set(uses, sum)
    for (const { fragment, level } of spreads) {
      const inside = this.fragments.get(fragment)
      if (inside === undefined) continue
      const { fields, rootFields, depth, directives, predictions } = this.total(inside, totals)
      sum.fields += fields
      if (level === 0) sum.rootFields += rootFields
      sum.depth = Math.max(sum.depth, level + depth)
      sum.directives += directives
      sum.predictions += predictions
    }
    return sum
  }

  /** `level` is the number of fields above the node, and `nesting` that of all levels above it. */
  private node(node: ASTNode, parent: GraphQLNamedType | undefined, level: number, nesting: number): void {
    switch (node.kind) {
      case Kind.NAME:
        return
      case Kind.OPERATION_DEFINITION:
        this.operation(node, nesting)
        return
      case Kind.FRAGMENT_DEFINITION:
        this.fragment(node, nesting)
        return
      case Kind.FIELD:
        this.field(node, parent, level, nesting)
        return
      case Kind.SELECTION_SET:
      case Kind.LIST:
      case Kind.OBJECT:
      case Kind.LIST_TYPE:
        if (nesting === maxNesting) this.nestsTooDeep = true
        else this.children(node, parent, level, nesting + 1)
        return
      case Kind.FRAGMENT_SPREAD:
        this.current.spreads.push({ fragment: node.name.value, level })
        break
      case Kind.DIRECTIVE:
        this.directive(node.name.value, node)
        break
      case Kind.VARIABLE_DEFINITION:
        if (node.variable.name.value === '__proto__')
          this.refuse('BAD_REQUEST', '__proto__: cannot be a variable', node)
        break
    }
    const type = node.kind === Kind.INLINE_FRAGMENT && node.typeCondition?.name.value
    this.children(node, type ? this.schema.getType(type) : parent, level, nesting)
  }

  private operation(node: OperationDefinitionNode, nesting: number): void {
    this.current = emptyUses()
    this.operations.set(node, this.current)
    const type = this.schema.getRootType(node.operation)
    if (node.operation === 'subscription') this.refuse('NOT_SUPPORTED', 'subscription: not supported', node)
    // graphql-js reports this only when it executes.
    else if (!type) this.refuse('BAD_REQUEST', `${node.operation}: this graph has none`, node)
    this.children(node, type ?? undefined, 0, nesting)
  }

  private fragment(node: FragmentDefinitionNode, nesting: number): void {
    this.current = emptyUses()
    this.fragments.set(node.name.value, this.current)
    this.children(node, this.schema.getType(node.typeCondition.name.value), 0, nesting)
  }

  private field(node: FieldNode, parent: GraphQLNamedType | undefined, level: number, nesting: number): void {
    const name = node.name.value
    // A response key or a variable `__proto__` would set the prototype of an object, here and in careless clients.
    if (node.alias?.value === '__proto__') this.refuse('BAD_REQUEST', '__proto__: cannot be an alias', node)
    const { current } = this
    current.fields++
    if (level === 0) current.rootFields++
    current.depth = Math.max(current.depth, level + 1)
    if (parent !== undefined && this.isPrediction(parent.name, name)) current.predictions++
    this.children(node, typeOf(name, parent), level + 1, nesting)
  }

  private directive(name: string, node: ASTNode): void {
    this.current.directives++
    if (name === 'defer' || name === 'stream') this.refuse('NOT_SUPPORTED', `@${name}: not supported`, node)
  }

  private refuse(code: 'NOT_SUPPORTED' | 'BAD_REQUEST', message: string, node: ASTNode): void {
    this.refused.push({ error: new PresageError(code, message), node })
  }

  private children(
    node: ASTNode,
    parent: GraphQLNamedType | undefined,
    level: number,
    nesting: number,
  ): void {
    for (const key in node) {
      if (key === 'loc' || this.nestsTooDeep) continue
      const child: unknown = node[key as keyof ASTNode]
      if (Array.isArray(child)) for (const one of child) this.node(one, parent, level, nesting)
      else if (isNode(child)) this.node(child, parent, level, nesting)
    }
  }
}

/** What one operation or fragment contains itself, and the fragments that it spreads. */
interface Uses extends OperationSizes {
  readonly spreads: { readonly fragment: string; readonly level: number }[]
}

function emptyUses(): Uses {
  return { fields: 0, rootFields: 0, depth: 0, directives: 0, predictions: 0, spreads: [] }
}

function isNode(child: unknown): child is ASTNode {
  return typeof child === 'object' && child !== null
}

function typeOf(field: string, parent: GraphQLNamedType | undefined): GraphQLNamedType | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined
  const type = parent.getFields()[field]?.type
  return type && getNamedType(type)
}
