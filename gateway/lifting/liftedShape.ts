import {
  type ArgumentNode,
  type ConstValueNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  print,
  specifiedRules,
  TypeInfo,
  type VariableDefinitionNode,
  type VariableNode,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { compileLiteralReader, type LiteralReader } from './literalReader'
import { liftedPrefix } from './scanLiterals'

/** What documents have in common that differ in nothing but literals. */
export interface LiftedShape {
  /** The variables that stand for literals. */
  readonly uses: readonly LiteralUse[]
  /** Numbers of literals that stay where they are: a type that takes them may read literals in a way of its own. */
  readonly fixed: readonly number[]
  /**
   * The document with variables, and with those of a text's literals that stay. Undefined where it is not valid: two of the literals
   * were not the same, but meant the same.
   */
  build(literals: readonly ConstValueNode[]): LiftedDocument | undefined
}

export interface LiteralUse {
  readonly variable: string
  /** The number of its literal. */
  readonly literal: number
  readonly read: LiteralReader
}

export interface LiftedDocument {
  readonly text: string
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}

/** Reads the key of a scanned text whose document is valid. Undefined where that has several operations. */
export function readLiftedShape(
  key: string,
  schema: GraphQLSchema,
  maxItems: number,
): LiftedShape | undefined {
  const document = parse(key, { noLocation: true })
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  if (operations.length !== 1) return undefined
  const { typed, found, fixed } = typeVariables(document, schema, maxItems)
  const uses = found.filter(({ literal }) => !fixed.has(literal))
  return {
    uses,
    fixed: [...fixed],
    build(literals) {
      const text = print(declare(restore(typed, fixed, literals), uses))
      const lifted = parse(text, { noLocation: true })
      if (validate(schema, lifted, specifiedRules, { maxErrors: 1 }).length > 0) return undefined
      return { text, document: lifted, operation: lifted.definitions.find(isOperation)! }
    },
  }
}

interface TypedUse extends LiteralUse {
  readonly type: string
}

/** Gives literals a variable for each type that takes them: the same literal may be given to fields of different ones. */
function typeVariables(document: DocumentNode, schema: GraphQLSchema, maxItems: number) {
  const found = new Map<string, TypedUse>()
  const fixed = new Set<number>()
  const typeInfo = new TypeInfo(schema)
  const typed: DocumentNode = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Argument(node): ArgumentNode | undefined {
        const literal = literalOf(node)
        if (literal === undefined) return undefined
        const argument = typeInfo.getArgument()
        const read = argument ? compileLiteralReader(argument.type, maxItems) : undefined
        if (!argument || read === undefined) {
          fixed.add(literal)
          return undefined
        }
        const type = String(argument.type)
        const at = `${literal} ${type}`
        let use = found.get(at)
        if (use === undefined) {
          use = { variable: `${liftedPrefix}${literal}_${found.size}`, literal, type, read }
          found.set(at, use)
        }
        return { ...node, value: variableNode(use.variable) }
      },
    }),
  )
  return { typed, found: [...found.values()], fixed }
}

/** Puts literals that stay back into their place. */
function restore(
  document: DocumentNode,
  fixed: ReadonlySet<number>,
  literals: readonly ConstValueNode[],
): DocumentNode {
  if (fixed.size === 0) return document
  return visit(document, {
    Argument(node): ArgumentNode | undefined {
      const literal = literalOf(node)
      return literal !== undefined && fixed.has(literal) ? { ...node, value: literals[literal] } : undefined
    },
  })
}

function declare(document: DocumentNode, uses: readonly TypedUse[]): DocumentNode {
  const declared = uses.map(
    ({ variable, type }): VariableDefinitionNode => ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: variableNode(variable),
      type: parseType(type),
    }),
  )
  return {
    ...document,
    definitions: document.definitions.map((node) =>
      isOperation(node)
        ? { ...node, variableDefinitions: [...(node.variableDefinitions ?? []), ...declared] }
        : node,
    ),
  }
}

/** The number of the literal that the argument was given; undefined where it is given something else. */
function literalOf({ value }: ArgumentNode): number | undefined {
  if (value.kind !== Kind.VARIABLE || !value.name.value.startsWith(liftedPrefix)) return undefined
  return Number.parseInt(value.name.value.slice(liftedPrefix.length), 10)
}

function variableNode(name: string): VariableNode {
  return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }
}

function isOperation(node: DocumentNode['definitions'][number]): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION
}
