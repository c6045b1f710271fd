import {
  type DocumentNode,
  type GraphQLSchema,
  TypeInfo,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { compileLiteralReader, type LiteralReader } from './literalReader'

/** A place of a document's shape where a literal stands, whatever the literal is. */
export interface LiteralUse {
  readonly number: number
  /** Undefined where none is taken as a variable. */
  readonly read: LiteralReader | undefined
}

/** Where the literals of a document stand, each number once for each type. */
export function literalUses(
  document: DocumentNode,
  numbers: ReadonlyMap<ValueNode, number>,
  schema: GraphQLSchema,
  maxListLength: number,
): readonly LiteralUse[] {
  if (numbers.size === 0) return []
  const uses = new Map<string, LiteralUse>()
  const typeInfo = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Argument({ value }) {
        const number = numbers.get(value)
        const argument = typeInfo.getArgument()
        if (number === undefined || !argument) return
        const key = `${number} ${argument.type}`
        if (!uses.has(key))
          uses.set(key, { number, read: compileLiteralReader(argument.type, maxListLength) })
      },
    }),
  )
  return [...uses.values()]
}

/** Numbers of those literals that stay in the document: their values as variables may mean something else. */
export function literalsThatStay(
  uses: readonly LiteralUse[],
  literals: readonly ValueNode[],
): readonly number[] {
  const stay = new Set<number>()
  for (const { number, read } of uses) if (read?.(literals[number]) === undefined) stay.add(number)
  return [...stay]
}
