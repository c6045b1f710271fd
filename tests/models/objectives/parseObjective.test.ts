import { parseObjective } from '../../../models/objectives/parseObjective'
import { problemsOf } from '../support'

const recommend = `
objective: RECOMMEND_TITLES
description: Titles that a member is likely to like, best first
owner: personalization
unit: context.member
inputs:
  likedTitleIds:   { type: "[ID!]", maxLength: 4096 }
  excludeTitleIds: { type: "[ID!]", maxLength: 4096, default: [] }
  limit:           { type: Int, range: [1, 50], default: 10 }
outputs:
  items: { type: list, of: { title: { type: entity, of: Title }, score: { type: Float } } }
deadline: 200ms
`

function inputs(text: string): string {
  return `objective: O\ndescription: d\ninputs:\n${text}\noutputs: { y: { type: Float } }`
}

test('an objective becomes frozen specs with every default filled in', () => {
  const objective = parseObjective(recommend, 'objectives/RECOMMEND_TITLES.yaml')
  expect(objective).toEqual({
    name: 'RECOMMEND_TITLES',
    description: 'Titles that a member is likely to like, best first',
    owner: 'personalization',
    unit: 'context.member',
    inputs: [
      { name: 'likedTitleIds', type: list('ID'), nullable: false, maxLength: 4096, onNull: 'error' },
      {
        name: 'excludeTitleIds',
        type: list('ID'),
        nullable: false,
        maxLength: 4096,
        default: [],
        onNull: 'missing',
      },
      {
        name: 'limit',
        type: { kind: 'Int' },
        nullable: false,
        range: [1, 50],
        default: 10,
        onNull: 'missing',
      },
    ],
    outputs: [
      {
        name: 'items',
        type: {
          kind: 'list',
          of: {
            kind: 'record',
            fields: { title: { kind: 'entity', of: 'Title' }, score: { kind: 'Float' } },
          },
        },
      },
    ],
    deadlineMs: 200,
    maxRows: 10000,
    file: 'objectives/RECOMMEND_TITLES.yaml',
  })
  expect(Object.isFrozen(objective.inputs[1].default)).toBe(true)
  expect(Object.isFrozen(objective.outputs[0].type)).toBe(true)
})

function list(kind: 'ID') {
  return { kind: 'list', of: { kind } }
}

test('all problems come at once, each with its file, path, expectation and value', () => {
  const text = `
objective: 5
unit: input.nowhere
inputs:
  a: { type: "[ID]" }
  b: { type: "[ID!]", maxlength: 9 }
  c: { type: Int, range: [5] }
  d: { type: Int, range: [5, 6], default: 10 }
  e: { type: enum }
  f: { type: entity, of: Title }
outputs:
  y: { type: list, of: { title: { type: entity, of: 5 } } }
deadline: 200
`
  const types =
    'Int, Float, Boolean, String, ID, [Int!], [Float!], [Boolean!], [String!], [ID!], enum, entity, list'
  expect(problemsOf(() => parseObjective(text, 'O.yaml'))).toEqual([
    'O.yaml:2: objective: must be a name, got 5',
    `O.yaml:5: inputs.a.type: must be ${types}, got "[ID]"`,
    'O.yaml:6: inputs.b.maxlength: is not one of the keys type, labels, of, nullable, default, range, maxLength, length, measure, description, onNull; did you mean "maxLength"?',
    'O.yaml:7: inputs.c.range: must be [lowest, highest], got [5]',
    'O.yaml:8: inputs.d.default: must be from 5 to 6, got 10',
    'O.yaml:9: inputs.e.labels: must be a list of names, got nothing',
    'O.yaml:10: inputs.f.type: must be a scalar, an enum or a list of them, got Title',
    'O.yaml:12: outputs.y.of.title.of: must be the name of an entity type, got 5',
    'O.yaml:13: deadline: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got 200',
  ])
})

test('a description is optional, but says something', () => {
  expect(
    parseObjective(inputs('  a: { type: Int }').replace('description: d\n', ''), 'O.yaml'),
  ).not.toHaveProperty('description')
  expect(
    problemsOf(() =>
      parseObjective(inputs('  a: { type: Int }').replace('description: d', 'description: ""'), 'O.yaml'),
    ),
  ).toEqual(['O.yaml:2: description: must not be empty, got ""'])
})

test.each([
  ['a: { type: Int, default: 1.5 }', 'inputs.a.default: must be a whole number, got 1.5'],
  ['a: { type: Float, default: .nan }', 'inputs.a.default: must be a number within float32, got NaN'],
  ['a: { type: Int, default: null }', 'inputs.a.default: must not be null unless nullable, got null'],
  ['a: { type: "[ID!]", length: 2, default: [1] }', 'inputs.a.default: must have 2 items, got 1'],
  ['a: { type: enum, labels: [A, B], default: C }', 'inputs.a.default: must be one of A, B, got "C"'],
  ['a: { type: enum, labels: [A, A] }', 'inputs.a.labels: must differ, got ["A","A"]'],
  ['a: { type: String, range: [1, 2] }', 'inputs.a.range: is allowed only with numbers, got type String'],
  ['a: { type: Int, range: [2, 1] }', 'inputs.a.range: must be [lowest, highest], got [2,1]'],
  ['a: { type: Int, range: [0.5, 1] }', 'inputs.a.range: must hold whole numbers for Int, got [0.5,1]'],
  ['a: { type: Int, length: 3 }', 'inputs.a.length: is allowed only with lists, got type Int'],
  ['a: { type: "[Int!]", length: 3, maxLength: 4 }', 'inputs.a.maxLength: must not be combined with length'],
  [
    'a: { type: Float, maxLength: 3 }',
    'inputs.a.maxLength: is allowed only with lists and text, got type Float',
  ],
  ['a: { type: Int, labels: [A] }', 'inputs.a.labels: are allowed only with type enum, got type "Int"'],
  [
    'a: { type: Int, onNull: missing }',
    'inputs.a.onNull: must be error without nullable and without default, got missing',
  ],
])('%s is refused', (input, problem) => {
  expect(problemsOf(() => parseObjective(inputs(`  ${input}`), 'O.yaml'))).toEqual([`O.yaml:4: ${problem}`])
})

test.each([
  ['ids', 'must be one value, got "input.ids", which is [ID!]'],
  ['labels', 'must be one value, got "input.labels", which is [(A | B)!]'],
  ['year', 'must name an input (input.ids, input.labels), got "input.year"'],
])('the unit input.%s is refused', (name, problem) => {
  const declared = '  ids: { type: "[ID!]" }\n  labels: { type: list, of: { type: enum, labels: [A, B] } }'
  const text = `${inputs(declared)}\nunit: input.${name}\n`
  expect(problemsOf(() => parseObjective(text, 'O.yaml'))).toEqual([`O.yaml:7: unit: ${problem}`])
})

test('the YAML is version 1.2: no is text', () => {
  const {
    inputs: [input],
  } = parseObjective(inputs('  a: { type: String, default: no }'), 'O.yaml')
  expect(input.default).toBe('no')
})

test('a %YAML 1.1 directive does not turn no into false', () => {
  const {
    inputs: [input],
  } = parseObjective(`%YAML 1.1\n---\n${inputs('  a: { type: String, default: no }')}`, 'O.yaml')
  expect(input.default).toBe('no')
})

test('a key that stands twice is refused with its line', () => {
  expect(problemsOf(() => parseObjective('objective: A\nobjective: B\n', 'O.yaml'))).toEqual([
    'O.yaml:2:1: must be YAML, got: Map keys must be unique',
  ])
})

test('a slip of indentation is told once a line', () => {
  expect(problemsOf(() => parseObjective('inputs:\n    - a: 1\n   - b: 2\n', 'O.yaml'))).toEqual([
    'O.yaml:3:1: must be YAML, got: A block sequence may not be used as an implicit map key',
  ])
})

test('the key __proto__ is refused', () => {
  expect(problemsOf(() => parseObjective(inputs('  __proto__: { type: Int }'), 'O.yaml'))).toEqual([
    'O.yaml:4:3: no key may be named __proto__',
  ])
})

test('aliases that would grow without bound are refused', () => {
  const layers = Array.from(
    { length: 12 },
    (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`,
  ).join('\n')
  expect(problemsOf(() => parseObjective(`l0: &l0 [1]\n${layers}`, 'O.yaml'))).toEqual([
    'O.yaml: must use at most 100 aliases, got 108',
    'O.yaml: must hold at most 131072 values, each alias counted as what it stands for, got more',
  ])
})

test('answers are kept only where that is said, and for how long', () => {
  const objective = (more: string) => parseObjective(`${inputs('  a: { type: Int }')}\n${more}`, 'O.yaml')
  expect(objective('')).not.toHaveProperty('cacheTtlMs')
  expect(objective('cache: { ttl: 1.5s }').cacheTtlMs).toBe(1500)
  expect(problemsOf(() => objective('deadline: 0s'))).toEqual([
    'O.yaml:6: deadline: must be a duration above 0, got "0s"',
  ])
  expect(problemsOf(() => objective('cache: { ttl: 0s }'))).toEqual([
    'O.yaml:6: cache.ttl: must be a duration from 1ms on, got "0s"',
  ])
  expect(problemsOf(() => objective('cache: {}'))).toEqual([
    'O.yaml:6: cache.ttl: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got nothing',
  ])
})

test.each([
  ['200ms', 200],
  ['1.5s', 1500],
  ['2m', 120_000],
])('deadline %s is %d ms', (deadline, milliseconds) => {
  expect(parseObjective(`${inputs('  a: { type: Int }')}\ndeadline: ${deadline}`, 'O.yaml').deadlineMs).toBe(
    milliseconds,
  )
})
