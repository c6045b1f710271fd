import { normalize } from '../../../federation/operations/normalize'
import { singleErrors } from '../../../gateway/graphql/locatedError'
import { clientErrors } from '../../../gateway/response/clientErrors'
import { errorsText, keptBeginning } from '../../../gateway/response/errorsText'
import { createErrorFormatter, formatErrors } from '../../../gateway/response/formatError'
import { eachError, placedErrors } from '../../../gateway/response/sharedErrors'
import { compileAnswer } from '../../../gateway/response/writeAnswer'
import { PlanRun } from '../../../gateway/run/planRun'
import { Deadlines, systemClock } from '../../../lib/clock'
import { PresageError } from '../../../lib/errors'
import type { AlikePaths } from '../../../lib/execution/sharedError'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { asked } from '../../federation/operations/asked'

const sdl = `
  interface Pet { id: ID! score: Float }
  type Dog implements Pet { id: ID! score: Float friends: [Dog] best: Dog }
  type Cat implements Pet { id: ID! score: Float }
  type Query { dog: Dog dogs: [Dog] kennels: [[Dog]] pets: [Pet] }`

const error = new PresageError('OVERLOADED', 'too "many"', { limit: 'perSecond', path: ['of', 'details'] })
const formatError = createErrorFormatter(100)

const placed = (text: string, paths: AlikePaths) =>
  placedErrors({ error, ...paths }, rootOf(text), (nodes) => nodes)

/** What the same errors come to one by one. */
const oneByOne = (text: string, paths: AlikePaths) =>
  clientErrors(singleErrors({ error, ...paths }), rootOf(text), {}, (nodes) => nodes, new Map())

const json = (errors: readonly object[]) => errors.map((one) => JSON.stringify(one)).sort()

function rootOf(text: string) {
  return normalize(asked(sdl, text), 'compact').root
}

const dogs = { path: ['dogs', 3, 'score'], position: 1, count: 3 }

test.each<[string, string, AlikePaths]>([
  ['of a list', '{ dogs { score } }', dogs],
  [
    'of a list in a list',
    '{ kennels { score } }',
    { path: ['kennels', 0, 2, 'score'], position: 2, count: 2 },
  ],
  [
    'of lists in a list',
    '{ kennels { score } }',
    { path: ['kennels', 0, 2, 'score'], position: 1, count: 2 },
  ],
  [
    'below an item',
    '{ dogs { friends { best { score } } } }',
    { path: ['dogs', 1, 'friends', 9, 'best', 'score'], position: 3, count: 12 },
  ],
  ['shown under several names', '{ a: dogs { x: score y: score } b: dogs { score } }', dogs],
  ['written twice', '{ dogs { score } dogs { ... on Pet { score } } }', dogs],
  ['of the items themselves', '{ dogs { score } }', { path: ['dogs', 0], position: 1, count: 2 }],
])('errors %s stand where they would one by one, and are the same text', (_, text, paths) => {
  const found = placed(text, paths)!
  const all = found.flatMap(eachError)
  expect(json(all)).toEqual(json(oneByOne(text, paths)))
  expect(errorsText([], found, formatError)).toBe(JSON.stringify(formatErrors(all, formatError)))
})

test('they follow those that are not shared', () => {
  const text = '{ dogs { id score } }'
  const others = oneByOne(text, { path: ['dogs', 5, 'id'], position: 1, count: 1 })
  const found = placed(text, dogs)!
  expect(errorsText(others, found, formatError)).toBe(
    JSON.stringify(formatErrors([...others, ...found.flatMap(eachError)], formatError)),
  )
})

test.each<[string, string, AlikePaths]>([
  [
    'of several types',
    '{ pets { ... on Dog { d: score } ... on Cat { c: score } } }',
    { path: ['pets', 0, 'score'], position: 1, count: 2 },
  ],
  ['that the client has not asked for', '{ dogs { id } }', dogs],
])('errors of places %s are looked for one by one', (_, text, paths) => {
  expect(placed(text, paths)).toBeUndefined()
})

/** The beginning of an answer with nothing but these errors, by items. */
const beginning = (all: Parameters<typeof errorsText>[1], format = formatError) =>
  keptBeginning([], all, format)?.join('')

test('the text of an error that is made once is kept from the second time on for the same field, and only for this one', () => {
  const lasting = Object.freeze(new PresageError('OVERLOADED', 'again'))
  const format = jest.fn(formatError)
  const [one, other] = [rootOf('{ dogs { score } }'), rootOf('{ d: dogs { score } }')]
  const written = (root: typeof one, paths: AlikePaths, found = lasting) => {
    const all = placedErrors({ error: found, ...paths }, root, (nodes) => nodes)!
    format.mockClear()
    const text = errorsText([], all, format)
    const times = format.mock.calls.length
    expect(text).toBe(JSON.stringify(formatErrors(all.flatMap(eachError), formatError)))
    return times
  }
  expect([written(one, dogs), written(one, dogs), written(one, dogs)]).toEqual([1, 1, 0])
  const others = [
    { ...dogs, count: 4 },
    { ...dogs, path: ['dogs', 4, 'score'] },
    { ...dogs, path: ['dogs', 0, 'score'], count: 1 },
    { ...dogs, path: ['dogs', 98, 'score'], count: 12 },
    { ...dogs, path: ['dogs', 9, 'score'], count: 1000 },
  ]
  for (const paths of others) expect(written(one, paths)).toBe(0)
  expect([written(other, dogs), written(other, dogs), written(other, dogs)]).toEqual([1, 1, 0])
  expect(written(one, dogs)).toBe(0)
  expect([written(one, dogs, error), written(one, dogs, error)]).toEqual([1, 1])
})

test.each<[string, AlikePaths]>([
  ['from the first item on', { ...dogs, path: ['dogs', 0, 'score'], count: 120 }],
  ['of fewer items', { ...dogs, path: ['dogs', 0, 'score'], count: 5 }],
  ['from another item on', dogs],
])('where it is kept, the beginning of the answer is there as bytes: %s', (_, paths) => {
  const lasting = Object.freeze(new PresageError('OVERLOADED', 'again'))
  const root = rootOf('{ dogs { score } }')
  const all = (of: AlikePaths) => placedErrors({ error: lasting, ...of }, root, (nodes) => nodes)!
  expect(beginning(all(dogs))).toBeUndefined()
  expect(beginning(all({ ...dogs, path: ['dogs', 0, 'score'], count: 100 }))).toBeDefined()
  const whole = JSON.stringify({ errors: formatErrors(all(paths).flatMap(eachError), formatError) })
  expect(`${beginning(all(paths))}]}`).toBe(whole)
})

test('a text that is not ASCII alone is kept too', () => {
  const lasting = Object.freeze(new PresageError('OVERLOADED', 'zu viele für uns: ✋'))
  const root = rootOf('{ dogs { score } }')
  const all = (of: AlikePaths) => placedErrors({ error: lasting, ...of }, root, (nodes) => nodes)!
  beginning(all(dogs))
  beginning(all({ ...dogs, path: ['dogs', 0, 'score'], count: 12 }))
  const written = JSON.stringify(formatErrors(all(dogs).flatMap(eachError), formatError))
  expect(`${beginning(all(dogs))}]`).toBe(`{"errors":${written}`)
  expect(errorsText([], all(dogs), formatError)).toBe(written)
})

test('a text of very many errors is written anew each time', () => {
  const lasting = Object.freeze(new PresageError('OVERLOADED', 'too many'))
  const all = placedErrors(
    { error: lasting, ...dogs, count: 1025 },
    rootOf('{ dogs { score } }'),
    (nodes) => nodes,
  )!
  for (let time = 0; time < 3; time++) {
    expect(beginning(all)).toBeUndefined()
    expect(errorsText([], all, formatError)).toBe(
      JSON.stringify(formatErrors(all.flatMap(eachError), formatError)),
    )
  }
})

test('they are written where they are more than a call takes arguments', async () => {
  const count = 150_000
  const text = '{ pets { ... on Dog { d: score } ... on Cat { c: score } } }'
  const data = { pets: Array.from({ length: count }, () => ({ __typename: 'Dog', score: null })) }
  const deadlines = new Deadlines<PlanRun>(systemClock)
  const request = createClientRequest({ id: 'test', deadline: systemClock.now() + 60_000 })
  const run = new PlanRun(request, deadlines, { values: 20 * count, bytes: 100 * count })
  run.take(['pets'], data, [], [{ error, path: ['pets', 0, 'score'], position: 1, count }])
  const { errors } = await compileAnswer({ root: rootOf(text), variables: [] })(run, (nodes) => nodes)
  run.dispose()
  expect(errors.length).toBe(count)
  expect(errors[count - 1].path).toEqual(['pets', count - 1, 'd'])
})
