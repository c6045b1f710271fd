import { PresageError } from '../../../lib/errors'
import { compareGolden, parseGolden } from '../../../models/compile/golden'
import type { OutputSpec } from '../../../models/contracts/objective'
import { problemsOf } from '../support'

function compare(
  output: Record<string, unknown>,
  actual: Record<string, unknown>,
  outputs: readonly OutputSpec[] = [],
) {
  return compareGolden({ input: {}, output }, actual, outputs, 1e-5)
}

test('a golden file is read with its tolerance; other keys are free', () => {
  const golden = parseGolden(
    '{"source":"me","tolerance":0.1,"cases":[{"input":{},"output":{"y":1}}]}',
    'g.json',
  )
  expect(golden).toEqual({ tolerance: 0.1, cases: [{ input: {}, output: { y: 1 } }] })
})

test('all that is wrong with a golden file is told at once', () => {
  expect(problemsOf(() => parseGolden('{"tolerance":"x","cases":[{"input":{}}]}', 'g.json'))).toEqual([
    'g.json: tolerance: must be a number from 0 on, got "x"',
    'g.json: cases.0: must be { input, output } with at least one output, got {"input":{}}',
  ])
  expect(problemsOf(() => parseGolden('{"tolerance":1e999,"cases":[]}', 'g.json'))[0]).toBe(
    'g.json: tolerance: must be a number from 0 on, got Infinity',
  )
  expect(problemsOf(() => parseGolden('{', 'g.json'))[0]).toMatch(/^g\.json: must be JSON, got /)
})

test('numbers may differ by the tolerance', () => {
  expect(compare({ y: 0.5, l: [1, 2] }, { y: 0.500009, l: [1, 2.000009] })).toBeUndefined()
  expect(compare({ y: 0.5 }, { y: 0.50002 })).toBe('y: must be 0.5, got 0.50002')
  expect(compare({ y: 0.5 }, { y: Number.NaN })).toBe('y: must be 0.5, got NaN')
  expect(compare({ l: [1, 2] }, { l: [1, 3] })).toBe('l[1]: must be 2, got 3')
  expect(compare({ l: [1] }, { l: [1, 3] })).toBe('l: must have 1 items, got 2')
})

test('outputs that the case does not name are not compared, one that it names must be there', () => {
  expect(compare({ y: 1 }, { y: 1, z: 5 })).toBeUndefined()
  expect(compare({ y: 1 }, {})).toBe('y: must be 1, got nothing')
})

test('null stands for BAD_OUTPUT, and no other error does', () => {
  const bad = new PresageError('BAD_OUTPUT', 'NaN')
  expect(compare({ y: null }, { y: bad })).toBeUndefined()
  expect(compare({ l: [0.5, null] }, { l: bad })).toBeUndefined()
  expect(compare({ y: null }, { y: new PresageError('BAD_FEATURE', 'x') })).toBe(
    'must be answered, got BAD_FEATURE: x',
  )
  expect(compare({ y: 1 }, { y: bad })).toBe('y: must be 1, got BAD_OUTPUT: NaN')
  expect(compare({ y: null }, { y: 0.5 })).toBe('y: must be null for BAD_OUTPUT, got 0.5')
})

test('an output that fails says nothing of the others', () => {
  const bad = new PresageError('BAD_OUTPUT', 'NaN')
  expect(compare({ y: 9 }, { q: bad, y: 9 })).toBeUndefined()
  expect(compare({ q: null, y: 9 }, { q: bad, y: 9 })).toBeUndefined()
  expect(compare({ q: null, y: 10 }, { q: bad, y: 9 })).toBe('y: must be 10, got 9')
  expect(compare({ y: null }, { q: bad, y: 9 })).toBe('y: must be null for BAD_OUTPUT, got 9')
})

test('ids are compared as text, stubs by their id', () => {
  const id = { kind: 'ID' } as const
  const outputs: readonly OutputSpec[] = [
    { name: 'id', type: id },
    { name: 'ids', type: { kind: 'list', of: id } },
    { name: 't', type: { kind: 'entity', of: 'T' } },
    {
      name: 'items',
      type: { kind: 'list', of: { kind: 'record', fields: { ref: id, n: { kind: 'Int' } } } },
    },
  ]
  const t = { __typename: 'T', id: '7' }
  expect(compare({ id: '5', ids: ['1', 2], t: '7' }, { id: 5, ids: [1, '2'], t }, outputs)).toBeUndefined()
  expect(compare({ t: 7 }, { t }, outputs)).toBeUndefined()
  expect(compare({ ids: [1, 2] }, { ids: [2, 1] }, outputs)).toBe('ids[0]: must be 1, got 2')
  const item = { ref: 1, n: 2 }
  expect(compare({ items: [{ ref: '1', n: 2 }] }, { items: [item] }, outputs)).toBeUndefined()
  expect(compare({ items: [{ ref: '1', n: '2' }] }, { items: [item] }, outputs)).toBe(
    'items.n[0]: must be "2", got 2',
  )
  expect(compare({ id: 1_000_000 }, { id: 1_000_000.000_001 }, outputs)).toMatch(/^id: must be/)
})

test('what is no id is not compared as text', () => {
  const list = (kind: 'Float' | 'String') => ({ kind: 'list', of: { kind } }) as const
  const outputs: readonly OutputSpec[] = [
    { name: 'y', type: { kind: 'Float' } },
    { name: 'word', type: { kind: 'String' } },
    { name: 'scores', type: list('Float') },
    { name: 'words', type: list('String') },
  ]
  expect(compare({ y: '-1' }, { y: -1 }, outputs)).toBe('y: must be "-1", got -1')
  expect(compare({ word: 12 }, { word: '12' }, outputs)).toBe('word: must be 12, got "12"')
  expect(compare({ scores: [1, '2'] }, { scores: [1, 2] }, outputs)).toBe('scores[1]: must be "2", got 2')
  expect(compare({ words: [1] }, { words: ['1'] }, outputs)).toBe('words[0]: must be 1, got "1"')
})

test('ids may change places where numbers of the same length tie', () => {
  const output = { ids: [1, 2, 3], scores: [0.5, 0.5, 0.1] }
  expect(compare(output, { ids: [2, 1, 3], scores: [0.5, 0.5, 0.1] })).toBeUndefined()
  expect(compare(output, { ids: [1, 3, 2], scores: [0.5, 0.5, 0.1] })).toBe('ids[1]: must be 2, got 3')
  expect(compare(output, { ids: [2, 2, 3], scores: [0.5, 0.5, 0.1] })).toBe(
    'ids: must hold each id once, got [2,2,3]',
  )
  expect(compare({ ids: [1, 2] }, { ids: [2, 1], scores: [0.5, 0.5] })).toBeUndefined()
})

test('an id that is not expected may only stand where it ties with the last', () => {
  const output = { ids: [1, 2, 3], scores: [0.9, 0.5, 0.5] }
  expect(compare(output, { ids: [1, 4, 3], scores: [0.9, 0.5, 0.5] })).toBeUndefined()
  expect(compare(output, { ids: [4, 2, 3], scores: [0.9, 0.5, 0.5] })).toBe('ids[0]: must be 1, got 4')
})

test('numbers are no ids: they change no places, and none may be another', () => {
  const outputs: readonly OutputSpec[] = (['Int', 'Float'] as const).map((kind) => ({
    name: kind,
    type: { kind: 'list', of: { kind } },
  }))
  const beside = { scores: [0.5, 0.5] }
  expect(compare({ Int: [1, 2] }, { Int: [1, 9], ...beside }, outputs)).toBe('Int[1]: must be 2, got 9')
  expect(compare({ Float: [1, 2] }, { Float: [2, 1], ...beside }, outputs)).toBe('Float[0]: must be 1, got 2')
  expect(compare({ Float: [1, 1.000001] }, { Float: [1, 1] }, outputs)).toBeUndefined()
})

test('records are compared field by field, ids tie with the numbers beside them', () => {
  const item = (id: string, score: number) => ({ title: { __typename: 'Title', id }, score })
  const output = {
    items: [
      { title: 1, score: 0.5 },
      { title: 2, score: 0.5 },
      { title: 3, score: 0.1 },
    ],
  }
  expect(compare(output, { items: [item('2', 0.5), item('1', 0.5), item('3', 0.1)] })).toBeUndefined()
  expect(compare(output, { items: [item('1', 0.5), item('3', 0.5), item('2', 0.1)] })).toBe(
    'items.title[1]: must be 2, got {"__typename":"Title","id":"3"}',
  )
  expect(compare(output, { items: [item('1', 0.5), item('2', 0.4), item('3', 0.1)] })).toBe(
    'items.score[1]: must be 0.5, got 0.4',
  )
})
