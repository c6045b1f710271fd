import { contractChange } from '../../../models/objectives/contractChange'
import { objectiveOf } from '../support'

function change(before: string, after: string) {
  return contractChange(objectiveOf(before), objectiveOf(after))
}

const y = 'outputs: { y: { type: Float, measure: stars } }'

function inputChange(before: string, after: string) {
  return change(`inputs: { a: ${before} }\n${y}`, `inputs: { a: ${after} }\n${y}`)
}

test('an input may be added if it is nullable or has a default', () => {
  const after = 'inputs: { a: { type: Int, nullable: true }, b: { type: Int, default: 1 }, c: { type: Int } }'
  expect(change(`inputs: {}\n${y}`, `${after}\n${y}`)).toEqual([
    'input c: must be nullable or have a default as it is new, got neither',
  ])
})

test('neither inputs nor outputs are taken away, outputs may be added', () => {
  expect(
    change(
      'inputs: { a: { type: Int } }\noutputs: { x: { type: Float }, y: { type: Float } }',
      'inputs: {}\noutputs: { y: { type: Float }, z: { type: Int } }',
    ),
  ).toEqual(['input a: must stay, got nothing', 'output x: must stay, got nothing'])
})

test.each([
  ['{ type: Int }', '{ type: Float }'],
  ['{ type: Int }', '{ type: Int, nullable: true }'],
  ['{ type: Int }', '{ type: Int, default: 3 }'],
  ['{ type: Int, default: 3, onNull: error }', '{ type: Int, default: 3, nullable: true }'],
  ['{ type: Int, range: [1, 5] }', '{ type: Int, range: [0, 9] }'],
  ['{ type: "[ID!]", maxLength: 5 }', '{ type: "[ID!]" }'],
  ['{ type: "[ID!]", length: 5 }', '{ type: "[ID!]", maxLength: 5 }'],
  ['{ type: enum, labels: [A] }', '{ type: enum, labels: [A, B] }'],
  ['{ type: Int }', '{ type: Int, measure: months, description: new }'],
])('an input %s may be loosened to %s', (before, after) => {
  expect(inputChange(before, after)).toEqual([])
})

test.each([
  ['{ type: Float }', '{ type: Int }', 'type must still take Float, got Int'],
  ['{ type: ID }', '{ type: String }', 'type must still take ID, got String'],
  ['{ type: enum, labels: [A, B] }', '{ type: enum, labels: [A] }', 'type must still take A | B, got A'],
  ['{ type: Int, default: 3 }', '{ type: Int, default: 4 }', 'default must stay 3, got 4'],
  [
    '{ type: Int, nullable: true }',
    '{ type: Int, nullable: true, default: 4 }',
    'default must stay nothing, got 4',
  ],
  [
    '{ type: Int, default: 3 }',
    '{ type: Int, default: 3, nullable: true }',
    'must stay not nullable, as null means the default, got nullable',
  ],
  ['{ type: Int }', '{ type: Int, range: [0, 9] }', 'range must still take every number, got [0,9]'],
  [
    '{ type: Int, range: [0, 9] }',
    '{ type: Int, range: [1, 10] }',
    'range must still take [0,9], got [1,10]',
  ],
  ['{ type: "[ID!]" }', '{ type: "[ID!]", maxLength: 5 }', 'maxLength must not fall below 4096, got 5'],
  ['{ type: String }', '{ type: String, maxLength: 5 }', 'maxLength must stay free, got 5'],
  ['{ type: Int, measure: months }', '{ type: Int, measure: years }', 'measure must stay months, got years'],
])('an input %s may not become %s', (before, after, problem) => {
  expect(inputChange(before, after)).toEqual([`input a: ${problem}`])
})

test('null that was taken must stay taken', () => {
  expect(inputChange('{ type: Int, nullable: true }', '{ type: Int }')).toEqual([
    'input a: must stay nullable, got not nullable',
    'input a: onNull must stay missing, got error',
  ])
})

function outputChange(before: string, after: string) {
  return change(`inputs: {}\noutputs: { y: ${before} }`, `inputs: {}\noutputs: { y: ${after} }`)
}

test('an output keeps its type and measure; it may have fewer labels and more fields', () => {
  expect(outputChange('{ type: Float }', '{ type: Int }')).toEqual([
    'output y: type must stay Float, got Int',
  ])
  expect(outputChange('{ type: Float, measure: stars }', '{ type: Float, measure: percent }')).toEqual([
    'output y: measure must stay stars, got percent',
  ])
  expect(outputChange('{ type: enum, labels: [A] }', '{ type: enum, labels: [A, B] }')).toEqual([
    'output y: type must stay A, got A | B',
  ])
  expect(outputChange('{ type: enum, labels: [A, B] }', '{ type: enum, labels: [A] }')).toEqual([])
  expect(outputChange('{ type: list, of: { a: Int } }', '{ type: list, of: { a: Int, b: Int } }')).toEqual([])
})

test('description, owner, unit, deadline and maxRows are free', () => {
  expect(
    change(
      `inputs: { a: { type: Int } }\n${y}`,
      `inputs: { a: { type: Int } }\n${y}\nowner: x\nunit: input.a\ndeadline: 1s\nmaxRows: 5`,
    ),
  ).toEqual([])
})
