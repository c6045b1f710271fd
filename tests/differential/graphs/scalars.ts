import { GraphQLError, Kind, type ValueNode } from 'graphql'
import type { GraphSource, ScalarCode } from './graph'

/** A whole number of any size; beyond what a number holds exactly it is answered as text. Throws for what is none. */
export const long: ScalarCode = {
  serialize: (value) => {
    const number = toBigint(value)
    return Number.isSafeInteger(Number(number)) ? Number(number) : String(number)
  },
  parseValue: toBigint,
  parseLiteral(node) {
    if (node.kind === Kind.INT || node.kind === Kind.STRING) return toBigint(node.value)
    throw new GraphQLError(`a Long must be a whole number, got ${node.kind}`, { nodes: node })
  },
}

/** Text that remembers whether it was written in the document or came in a variable. */
export const mark: ScalarCode = {
  serialize: String,
  parseValue: (value) => `value ${JSON.stringify(value)}`,
  parseLiteral: (node, variables) => `literal ${node.kind} ${JSON.stringify(plainValue(node, variables))}`,
}

/** Any JSON. */
export const json: ScalarCode = {
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: plainValue,
}

/** Literals of these scalars, as written in a document. */
export const scalarLiterals: GraphSource['literals'] = {
  Long: ['0', '-1', '9007199254740993', '123456789012345678901234567890', '"12"', '-9223372036854775809'],
  Mark: [
    '"text"',
    '1',
    '1e0',
    'ENUM',
    'true',
    '{a: {b: [1, "x"]}}',
    '[1, [2.5, null]]',
    '12345678901234567890',
    '"""block \\n"""',
    '[]',
    '{}',
  ],
  Json: [
    '"text"',
    '0',
    '{a: 1, b: {c: null}}',
    '[1, "2", [true]]',
    'FREE',
    '{}',
    '[]',
    '-0.0',
    '{b: 1, a: "\\u{1F600}"}',
  ],
}

/** Values of variables of these scalars. */
export const scalarValues: GraphSource['variableValues'] = {
  Long: [0, -1, 9007199254740991, '123456789012345678901234567890'],
  Mark: ['text', 1, true, { a: { b: [1, 'x'] } }, [1, [2.5, null]], {}],
  Json: ['text', 0, { a: 1, b: { c: null } }, [1, '2', [true]], {}, [], { b: 1, a: '\u2028' }],
}

function toBigint(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value)
  throw new GraphQLError(`a Long must be a whole number, got ${String(JSON.stringify(value))}`)
}

function plainValue(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      return node.values.map((item) => plainValue(item, variables))
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, plainValue(value, variables)]),
      )
    case Kind.VARIABLE:
      return variables && Object.hasOwn(variables, node.name.value) ? variables[node.name.value] : null
    default:
      return node.value
  }
}
