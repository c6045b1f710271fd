import type {
  ASTNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
  ValueNode,
} from 'graphql'

/**
 * An operation in normal form: fragments expanded, conditions decided, equal fields merged, literals turned into
 * variables, and response keys replaced by our own. It keeps the client's names, for writing the answer and locating
 * errors.
 */
export interface NormalOperation {
  readonly kind: 'query' | 'mutation'
  /** The document to fetch. Operations with the same meaning have the same text. */
  readonly text: string
  /** The root as the client sees it; for a mutation, one of its fields. */
  readonly root: Place
  /** The variables of the text, and those inside literals. */
  readonly variables: readonly NormalVariable[]
}

/** The selection where values of a composite type occur. */
export interface Place {
  readonly type: GraphQLCompositeType
  /** By the name of each possible object type. An interface that no type implements has itself as its only type. */
  readonly shapes: ReadonlyMap<string, Shape>
  /** Whether writing an object needs its type, because its fields depend on it or the client asks for its name. */
  readonly needsTypename: boolean
}

/** A subgraph may use an interface that no type implements as an object type. */
export type ObjectType = GraphQLObjectType | GraphQLInterfaceType

/** The selection for objects of one type. */
export interface Shape {
  readonly type: ObjectType
  /** In the order of the client's answer. Several may show one fetched field. */
  readonly shown: readonly ShownField[]
  /** The distinct fields of `shown` to fetch, by key. */
  readonly fetched: readonly FetchedField[]
  /** Why objects of the type cannot be answered: a condition is null. Then nothing is shown. */
  readonly failure: ShapeFailure | undefined
}

export interface ShapeFailure {
  readonly message: string
  readonly nodes: readonly ASTNode[]
}

export type ShownField = TypenameField | FetchedField

interface ShownAs {
  /** The client's name for it. */
  readonly responseKey: string
  /** Its nodes in the client's document. */
  readonly nodes: readonly FieldNode[]
}

/** `__typename` under any response key. */
export interface TypenameField extends ShownAs {
  readonly name: '__typename'
  readonly key?: undefined
}

export interface FetchedField extends ShownAs {
  readonly name: string
  /** The response key between the gateway and its subgraphs, independent of the client's. */
  readonly key: string
  readonly type: GraphQLOutputType
  /** In the order of the field's definition, without those that were left out. */
  readonly args: readonly NormalArgument[]
  /** Undefined for a leaf. */
  readonly place: Place | undefined
}

export interface NormalArgument {
  readonly name: string
  readonly variable: NormalVariable
}

/** A variable of the text, and the source of its value. */
export interface NormalVariable {
  /** Without the dollar sign. */
  readonly name: string
  /** As it is declared. */
  readonly type: string
  /** Its default as text, if the subgraph applies it. */
  readonly defaultValue: string | undefined
  readonly source: VariableSource
}

export type VariableSource =
  /** The client's variable of this name. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A literal of the document, by its number, that means the same as a variable. */
  | { readonly kind: 'literal'; readonly number: number; readonly read: (literal: ValueNode) => unknown }
  /** A literal that might mean something else as a variable. In subgraphs' documents it replaces the variable. */
  | {
      readonly kind: 'inDocument'
      readonly value: ValueNode
      readonly inside: ReadonlyMap<string, NormalVariable>
    }
