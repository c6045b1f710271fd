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
 * An operation in its normal form: fragments expanded, conditions decided, equal fields merged, literals turned into variables,
 * response keys replaced by our own. The client's names are kept beside it, for writing the answer and placing errors.
 */
export interface NormalOperation {
  readonly kind: 'query' | 'mutation'
  /** What is fetched. Operations that mean the same have the same text. */
  readonly text: string
  /** The root, as the client sees it; of a mutation, one of its fields. */
  readonly root: Place
  /** The variables of the text, and those that stand inside literals. */
  readonly variables: readonly NormalVariable[]
}

/** What is selected where values of a composite type stand. */
export interface Place {
  readonly type: GraphQLCompositeType
  /** By the name of each object type that may stand here; of an interface that no type implements, by its own. */
  readonly shapes: ReadonlyMap<string, Shape>
  /** Whether an object's type must be known to write it: its fields depend on it, or the client asks for its name. */
  readonly needsTypename: boolean
}

/** An interface that no type implements is known to subgraphs only as an object. */
export type ObjectType = GraphQLObjectType | GraphQLInterfaceType

/** What is selected of objects of one type. */
export interface Shape {
  readonly type: ObjectType
  /** In the order of the client's answer; several may show one fetched field. */
  readonly shown: readonly ShownField[]
  /** The fields of `shown` to fetch, each key once. */
  readonly fetched: readonly FetchedField[]
  /** Why objects of the type cannot be answered: a condition of theirs is null. Then nothing is shown. */
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
  /** Where the client wrote it. */
  readonly nodes: readonly FieldNode[]
}

/** `__typename` under any response key. */
export interface TypenameField extends ShownAs {
  readonly name: '__typename'
  readonly key?: undefined
}

export interface FetchedField extends ShownAs {
  readonly name: string
  /** The response key between the gateway and its subgraphs, which no client chooses. */
  readonly key: string
  readonly type: GraphQLOutputType
  /** In the order of the field's definition, without those that were left out. */
  readonly args: readonly NormalArgument[]
  /** Undefined where the field is a leaf. */
  readonly place: Place | undefined
}

export interface NormalArgument {
  readonly name: string
  readonly variable: NormalVariable
}

/** A variable of the text, and where its value comes from. */
export interface NormalVariable {
  /** Without the dollar sign. */
  readonly name: string
  /** As it is declared. */
  readonly type: string
  /** Its default as text, where the subgraph applies it. */
  readonly defaultValue: string | undefined
  readonly source: VariableSource
}

export type VariableSource =
  /** The client's variable of this name. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A literal of the document, by its number, that means the same as a variable. */
  | { readonly kind: 'literal'; readonly number: number; readonly read: (literal: ValueNode) => unknown }
  /** A literal that might mean something else as a variable. It takes the variable's place in subgraphs' documents. */
  | {
      readonly kind: 'inDocument'
      readonly value: ValueNode
      readonly inside: ReadonlyMap<string, NormalVariable>
    }
