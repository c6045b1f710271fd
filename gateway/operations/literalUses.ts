import {
  type DocumentNode,
  type GraphQLSchema,
  TypeInfo,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { compileLiteralReader, type LiteralReader } from '../../federation/operations/literalReader'

/** One use of a literal in a document's shape, whatever the literal's value. */
export interface LiteralUse {
  readonly number: number
  /** Undefined if no literal of this type can become a variable. */
  readonly read: LiteralReader | undefined
}

/** The uses of the document's literals: one entry for each number and type. */
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

/** The numbers of the literals that stay in the document, because as variables they might mean something else. */
export function literalsThatStay(
  uses: readonly LiteralUse[],
  literals: readonly ValueNode[],
): readonly number[] {
  const stay = new Set<number>()
  for (const { number, read } of uses) if (read?.(literals[number]) === undefined) stay.add(number)
  return [...stay]
}
