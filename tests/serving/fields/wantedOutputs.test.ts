import type { OperationDefinitionNode } from 'graphql'
import { buildSchema, type GraphQLObjectType, type GraphQLResolveInfo, parse } from 'graphql'
import type { PredictionField } from '../../../schema/fields/plan'
import { compilePrediction } from '../../../serving/fields/predictionColumns'

/** Which outputs a call needs, for a field with the outputs `a0` to `a10`. */

const outputs = Array.from({ length: 11 }, (_, at) => `a${at}`)
const field: PredictionField = {
  subgraph: 'own',
  type: 'Query',
  field: 'all',
  coordinate: 'Query.all',
  target: { kind: 'objective', objective: 'ALL' },
  inputs: [],
  outputs: outputs.map((name) => ({ name, type: { kind: 'Float' } })),
  shape: { kind: 'object', fields: outputs },
}
const schema = buildSchema(
  `type Query { all: All } type All { ${outputs.map((name) => `${name}: Float`).join(' ')} }`,
)

function wanted() {
  const { wantedOutputs } = compilePrediction(field, schema.getType('Query') as GraphQLObjectType)
  return (names: readonly string[]) => {
    const { definitions } = parse(`{ all { ${names.join(' ')} } }`)
    const [{ selectionSet }] = definitions as readonly OperationDefinitionNode[] as [OperationDefinitionNode]
    const info = { fieldNodes: selectionSet.selections, fragments: {} } as unknown as GraphQLResolveInfo
    return wantedOutputs({ info: () => info })
  }
}

it('equal selections give the same list, in the order of the outputs', () => {
  const of = wanted()
  expect(of(['a3', 'a1', '__typename'])).toEqual(['a1', 'a3'])
  expect(of(['a1', 'a3'])).toBe(of(['a3', 'a1']))
})

it('the lists of very many selections are not all kept', () => {
  const of = wanted()
  const first = of(['a0'])
  for (let one = 1; one < 2 ** outputs.length; one++) of(outputs.filter((_, at) => (one >> at) & 1))
  expect(of(['a0'])).toEqual(first)
  expect(of(['a0'])).not.toBe(first)
})
