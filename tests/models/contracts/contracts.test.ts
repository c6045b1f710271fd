import type { Objective } from '../../../models/contracts/objective'
import { modelContract } from '../../../models/manifest/modelContract'
import { parseManifest } from '../../../models/manifest/parseManifest'
import { servesObjective } from '../../../models/manifest/servesObjective'
import { printType } from '../../../models/types/parseType'
import { manifestText, objectiveOf, problemsOf } from '../support'

const recommend = objectiveOf(`
inputs:
  liked: { type: "[ID!]" }
  year: { type: Int, nullable: true }
outputs:
  items: { type: list, of: { title: { type: entity, of: Title }, score: { type: Float } } }
`)

function contractOf(features: string, steps: string, objectives: readonly Objective[] = [recommend]) {
  const serves = objectives.map(({ name }) => name).join(', ')
  const manifest = parseManifest(
    manifestText(`
serves: [${serves}]
vocabularies: { v: [1] }
features: ${features}
preprocess: { x: { indexList: history, vocabulary: v, unknown: 0 } }
postprocess:
${steps}
`),
    'model.yaml',
  )
  return modelContract(manifest, new Map(objectives.map((objective) => [objective.name, objective])))
}

const history = '{ history: { type: "[ID!]", input: liked } }'
const items = `
  ids: { lookup: t, vocabulary: v }
  scores: { column: s }
  items: { records: { title: { entity: Title, of: ids }, score: scores } }
`

function typesOf({ outputs }: ReturnType<typeof contractOf>) {
  return Object.fromEntries(outputs.map(({ name, type }) => [name, type && printType(type)]))
}

test('without the graph types come from the step, else from the objective’s output of the same name, else are unknown', () => {
  expect(typesOf(contractOf(history, items))).toEqual({
    ids: undefined,
    scores: undefined,
    items: '[{ title: Title, score: Float }]',
  })
  const risk = objectiveOf('inputs: {}\noutputs: { p: { type: Float } }')
  const steps = '  p: { column: p }\n  label: { label: p, labels: [A, B], from: [1] }\n  soft: { softmax: z }'
  expect(typesOf(contractOf(history, steps, [risk]))).toEqual({
    p: 'Float',
    label: 'A | B',
    soft: '[Float!]',
  })
})

test('what is known of a type is held against the step that reads it', () => {
  const steps = '  soft: { softmax: z }\n  label: { label: soft, labels: [A, B], from: [1] }'
  expect(problemsOf(() => contractOf(history, steps))).toEqual([
    'm@1: postprocess.label: must read a number, got soft, which is [Float!]',
  ])
})

function serves(features: string, objective = recommend, steps = items) {
  const contract = contractOf(features, steps, [objective])
  return servesObjective(contract.features, contract.outputs, objective)
}

test('a model serves an objective if its features are inputs of it and it yields every output', () => {
  expect(serves(history)).toEqual([])
})

test.each([
  [
    '{ history: { type: "[ID!]" } }',
    'feature history: must be an input of O (liked, year) or have a default, got history',
  ],
  [
    '{ history: { type: "[String!]", input: liked } }',
    'feature history: must take input liked of O, which is [ID!], got [String!]',
  ],
])('features %s do not serve', (features, problem) => {
  expect(serves(features)).toEqual([problem])
})

const withYear = (declaration: string) =>
  servesObjective(
    parseManifest(
      manifestText(`
features: { year: ${declaration} }
preprocess: { x: { number: year, fill: 0 } }
postprocess: { p: { column: p } }
`),
      'model.yaml',
    ).features,
    [{ name: 'items', type: undefined }],
    recommend,
  )

test('a feature takes null, or has a default, where the input may be null', () => {
  expect(withYear('{ type: Int }')).toEqual([
    'feature year: must be nullable or have a default as input year of O may be null, got neither',
  ])
  expect(withYear('{ type: Int, nullable: true }')).toEqual([])
  expect(withYear('{ type: Int, default: 2000 }')).toEqual([])
})

test('a whole number fits a Float, a Float no Int', () => {
  expect(withYear('{ type: Float, nullable: true }')).toEqual([])
  expect(withYear('{ type: Boolean, nullable: true }')).toEqual([
    'feature year: must take input year of O, which is Int, got Boolean',
  ])
})

test('outputs are held against the objective’s types, as far as they are known', () => {
  const missing = '  scores: { column: s }'
  expect(serves(history, recommend, missing)).toEqual(['output items: must be provided for O, got scores'])
  const other = items.replace('entity: Title', 'entity: Person')
  expect(serves(history, recommend, other)).toEqual([
    'output items: must be [{ title: Title, score: Float }] for O, got [{ title: Person, score: Float }]',
  ])
})

test('an enum output may have fewer labels than the objective, not others', () => {
  const risk = objectiveOf(`inputs: { liked: { type: "[ID!]" } }
outputs: { d: { type: enum, labels: [APPROVE, REVIEW, DECLINE] } }`)
  const steps = (labels: string) => `  p: { column: p }\n  d: { label: p, labels: [${labels}], from: [0.5] }`
  expect(serves(history, risk, steps('APPROVE, DECLINE'))).toEqual([])
  expect(serves(history, risk, steps('APPROVE, DENY'))).toEqual([
    'output d: must be APPROVE | REVIEW | DECLINE for O, got APPROVE | DENY',
  ])
})
