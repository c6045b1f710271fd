import { modelJsonSchema, objectiveJsonSchema } from '../../../models/manifest/jsonSchema'

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>
  readonly additionalProperties: Schema | false
  readonly anyOf: readonly Schema[]
  readonly items: Schema
  readonly enum: readonly string[]
  readonly description: string
}

test('the objective’s schema allows just the keys that are parsed, each told about', () => {
  const schema = objectiveJsonSchema() as unknown as Schema
  expect(schema.additionalProperties).toBe(false)
  expect(Object.keys(schema.properties)).toEqual([
    'objective',
    'description',
    'owner',
    'unit',
    'inputs',
    'outputs',
    'deadline',
    'maxRows',
    'cache',
  ])
  const input = schema.properties.inputs.additionalProperties as Schema
  expect(input.properties.type.enum).toContain('[ID!]')
  expect(input.properties.onNull.description).toMatch(/null/)
})

test('the model’s schema lists every step with its options, and only column steps side by side', () => {
  const schema = modelJsonSchema() as unknown as Schema
  const steps = (of: Schema) =>
    of.anyOf.flatMap(({ properties }) => (properties ? [Object.keys(properties)[0]] : []))
  const tensor = schema.properties.preprocess.additionalProperties as Schema
  const columns = ['number', 'log1p', 'clip', 'bucketize', 'multiHot', 'oneHot', 'vector', 'text']
  expect(steps(tensor)).toEqual([...columns, 'index', 'indexList', 'mask', 'ngrams'])
  expect(steps((tensor.anyOf.at(-1) as Schema).items)).toEqual(columns)
  const output = schema.properties.postprocess.additionalProperties as Schema
  expect(steps(output)).toEqual([
    'column',
    'sigmoid',
    'softmax',
    'argMax',
    'label',
    'lookup',
    'entity',
    'records',
  ])
  expect(JSON.stringify(schema).match(/\$schema/g)).toHaveLength(1)
})
