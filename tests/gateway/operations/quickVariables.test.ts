import { buildSchema, getVariableValues, Kind, parse } from 'graphql'
import { quickVariables } from '../../../gateway/operations/inputCoercion'

const schema = buildSchema(`
  input Page { first: Int } enum Size { BIG } scalar Time
  type Query { a(float: Float, id: ID, text: String, is: Boolean, page: Page, time: Time, size: Size): Int }`)

function definitionOf(variables: string) {
  const [operation] = parse(`query (${variables}) { a }`).definitions
  if (operation.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
  return operation
}

// biome-ignore format: a list to be read at a glance
const scalars = [
  0, -0, 1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY,
  '', '5', 'true', true, false, null, {},
]
const values: readonly unknown[] = [...scalars, [], [null], [[1]], ...scalars.map((value) => [value, value])]

test.each(
  ['Int', 'Float', 'String', 'ID', 'Boolean'].flatMap((type) => [
    type,
    `${type}!`,
    `[${type}]`,
    `[${type}!]!`,
    `${type} = null`,
  ]),
)('$v: %s is taken as graphql-js takes it, or left to it where that is not as it came', (type) => {
  const definition = definitionOf(`$v: ${type}`)
  const read = quickVariables(definition)
  for (const variables of [{}, ...values.map((v) => ({ v })), { other: 1 }]) {
    const { coerced } = getVariableValues(schema, definition.variableDefinitions!, variables)
    const quick = read(variables)
    if (quick !== undefined) expect({ ...quick }).toEqual(coerced)
    else expect(coerced).not.toEqual(variables)
  }
})

test.each(['$v: Page', '$v: Time', '$v: Size', '$v: [Page]', '$w: Int, $v: Size!'])(
  '%s is left to graphql-js, whatever comes',
  (written) => {
    const read = quickVariables(definitionOf(written))
    for (const v of values) expect(read({ v })).toBeUndefined()
  },
)
