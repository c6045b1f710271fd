import { normalize } from '../../../federation/operations/normalize'
import { createErrorFormatter, formatErrors } from '../../../gateway/formatError'
import { singleErrors } from '../../../gateway/locatedError'
import { clientErrors } from '../../../gateway/response/clientErrors'
import { errorsText } from '../../../gateway/response/errorsText'
import { eachError, placedErrors } from '../../../gateway/response/sharedErrors'
import type { Path, ResponseObject } from '../../../gateway/responseData'
import { PresageError } from '../../../lib/errors'
import { asked } from '../../federation/operations/asked'

const sdl = `
  interface Pet { id: ID! score: Float }
  type Dog implements Pet { id: ID! score: Float friends: [Dog] "in two steps" best: Dog }
  type Cat implements Pet { id: ID! score: Float }
  type Query { dog: Dog dogs: [Dog] kennels: [[Dog]] pets: [Pet] }`

const error = new PresageError('OVERLOADED', 'too "many"', { limit: 'perSecond', path: ['of', 'details'] })
const formatError = createErrorFormatter(100)

const placed = (text: string, data: ResponseObject, paths: readonly Path[]) =>
  placedErrors({ error, paths }, rootOf(text), data, (nodes) => nodes)

/** What the same errors come to one by one. */
const oneByOne = (text: string, data: ResponseObject, paths: readonly Path[]) =>
  clientErrors(singleErrors({ error, paths }), rootOf(text), data, (nodes) => nodes, new Map())

const json = (errors: readonly object[]) => errors.map((one) => JSON.stringify(one)).sort()

function rootOf(text: string) {
  return normalize(asked(sdl, text), 'compact').root
}

const alike: readonly (readonly [string, string, ResponseObject, readonly Path[]])[] = [
  [
    'of a list',
    '{ dogs { score } }',
    {},
    [
      ['dogs', 0, 'score'],
      ['dogs', 7, 'score'],
    ],
  ],
  [
    'of a list of lists',
    '{ kennels { id score } }',
    {},
    [
      ['kennels', 0, 2, 'score'],
      ['kennels', 3, 0, 'score'],
    ],
  ],
  [
    'below each other',
    '{ dogs { friends { score } } }',
    {},
    [
      ['dogs', 1, 'friends', 2, 'score'],
      ['dogs', 1, 'friends', 3, 'score'],
    ],
  ],
  [
    'shown under several names',
    '{ a: dogs { x: score y: score } b: dogs { score } }',
    {},
    [
      ['dogs', 0, 'score'],
      ['dogs', 1, 'score'],
    ],
  ],
  [
    'written twice',
    '{ dogs { score } dogs { ... on Pet { score } } }',
    {},
    [
      ['dogs', 0, 'score'],
      ['dogs', 1, 'score'],
    ],
  ],
]

test.each(alike)(
  'errors %s stand where they would one by one, and are the same text',
  (_, text, data, paths) => {
    const found = placed(text, data, paths)!
    const single = oneByOne(text, data, paths)
    expect(json(found.flatMap(eachError))).toEqual(json(single))
    const all = found.flatMap(eachError)
    expect(errorsText([], found, formatError)).toBe(JSON.stringify(formatErrors(all, formatError)))
  },
)

test('they follow those that are not shared', () => {
  const [text, paths] = [
    '{ dogs { id score } }',
    [
      ['dogs', 0, 'score'],
      ['dogs', 1, 'score'],
    ],
  ] as const
  const others = oneByOne(text, {}, [['dogs', 5, 'id']])
  const found = placed(text, {}, paths)!
  expect(errorsText(others, found, formatError)).toBe(
    JSON.stringify(formatErrors([...others, ...found.flatMap(eachError)], formatError)),
  )
})

test.each<[string, string, ResponseObject, readonly Path[]]>([
  [
    'of several types',
    '{ pets { ... on Dog { d: score } ... on Cat { c: score } } }',
    {},
    [
      ['pets', 0, 'score'],
      ['pets', 1, 'score'],
    ],
  ],
  [
    'that the client has not asked for',
    '{ dogs { id } }',
    {},
    [
      ['dogs', 0, 'score'],
      ['dogs', 1, 'score'],
    ],
  ],
  [
    'of several fields',
    '{ dogs { id score } }',
    {},
    [
      ['dogs', 0, 'score'],
      ['dogs', 1, 'id'],
    ],
  ],
  [
    'of several depths',
    '{ dogs { score } kennels { score } }',
    {},
    [
      ['kennels', 0, 'score'],
      ['kennels', 0, 1, 'score'],
    ],
  ],
])('errors of places %s are looked for one by one', (_, text, data, paths) => {
  expect(placed(text, data, paths)).toBeUndefined()
})
