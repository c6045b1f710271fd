import { buildSchema, execute, type FragmentDefinitionNode, type GraphQLError, Kind, parse } from 'graphql'
import { conditionVariables, isIncluded, readConditions } from '../../../federation/operations/conditions'

function read(text: string) {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const [operation, ...others] = parse(text).definitions
  if (operation.kind !== Kind.OPERATION_DEFINITION) throw new Error('the operation stands first')
  for (const node of others) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  return { operation, fragments }
}

test('an operation’s conditions are those of its own fields and of the fragments that it reaches, each once', () => {
  const { operation, fragments } = read(`
    query ($a: Boolean! $b: Boolean! $c: Boolean! $d: Boolean! $n: Int) {
      x @skip(if: $b) y(n: $n) @include(if: true) @other(if: $n) ... @include(if: $a) { z @skip(if: $b) } ...F
    }
    fragment F on Query { ...G @skip(if: $c) ...F }
    fragment G on Query { x @include(if: $c) }
    fragment Unused on Query { x @include(if: $d) }`)
  expect(conditionVariables(operation, fragments)).toEqual(['b', 'a', 'c'])
})

describe('a selection takes part as graphql-js lets it', () => {
  const schema = buildSchema('type Query { x: Int }')
  const directives = ['', '@skip(if: $a)', '@include(if: $a)', '@skip(if: true)', '@include(if: false)']
  const pairs = directives.flatMap((one) =>
    ['@skip(if: $b)', '@include(if: $b)', ''].map((two) => `${one} ${two}`),
  )
  const texts = pairs.filter((pair) => pair.split('@skip').length < 3 && pair.split('@include').length < 3)

  test.each(texts)('x %s', (text) => {
    // As those of a document whose variables have defaults, so that they may be null.
    const document = parse(`query ($a: Boolean = true, $b: Boolean = true) { x ${text} }`)
    const [operation] = document.definitions
    if (operation.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
    for (const a of [true, false, null]) {
      for (const b of [true, false, null]) {
        const variableValues = { a, b }
        const expected = execute({ schema, document, variableValues, rootValue: { x: 1 } }) as {
          data: object | null
          errors?: GraphQLError[]
        }
        let is: unknown
        try {
          is = isIncluded(operation.selectionSet.selections[0], readConditions(['a', 'b'], variableValues))
        } catch (error) {
          is = (error as Error).message
        }
        const error = expected.errors?.[0].message.replace(
          /^Argument "if" of .* must not be null\.$/,
          nullMessage,
        )
        expect(is).toBe(error ?? 'x' in expected.data!)
      }
    }
  })
})

const nullMessage = 'Argument "if" of non-null type "Boolean!" must not be null.'
