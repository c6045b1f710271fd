import { choicesOf, readValues } from '../../../console/page/fields/values'

const types = [
  { name: 'count', type: 'Int' },
  { name: 'text', type: 'String' },
  { name: 'flag', type: 'Boolean' },
  { name: 'tags', type: '[String!]' },
  { name: 'sizes', type: '[Float!]' },
  { name: 'kind', type: 'HAM | SPAM' },
]

it('reads what is typed by its type, and leaves out what is empty', () => {
  const texts = { count: ' 3 ', text: '3', flag: 'true', tags: 'a, b', sizes: '[1, 2.5]', kind: '' }
  expect(readValues(types, texts)).toEqual({
    values: { count: 3, text: '3', flag: true, tags: ['a', 'b'], sizes: [1, 2.5] },
    mistakes: new Map(),
  })
})

it('says what does not read', () => {
  const { values, mistakes } = readValues(types, { count: 'three', flag: 'yes', sizes: '1, x' })
  expect(values).toEqual({})
  expect([...mistakes]).toEqual([
    ['count', 'must be a number'],
    ['flag', 'must be true or false'],
    ['sizes', 'must be a list of Float, with commas or as JSON'],
  ])
})

it.each([
  ['sizes', '0.5,,0.5'],
  ['sizes', '1,2,,'],
  ['sizes', ',1'],
  ['tags', 'a, ,b'],
])('a gap in the list %s is a mistake: %s', (name, text) => {
  const { values, mistakes } = readValues(types, { [name]: text })
  expect(values).toEqual({})
  expect([...mistakes.keys()]).toEqual([name])
})

it('JSON can write an empty text, and an empty list', () => {
  expect(readValues(types, { tags: '["a", ""]', sizes: '[]' })).toEqual({
    values: { tags: ['a', ''], sizes: [] },
    mistakes: new Map(),
  })
})

it.each([
  ['true | false | null', 'true', 'true'],
  ['true | false | null', 'null', 'null'],
  ['true!', 'true', 'true'],
  ['[(true | false)!]', 'true, false', ['true', 'false']],
  ['[(true | false)!]', 'true', ['true']],
])('a label of %s is a text: %s', (type, text, value) => {
  expect(readValues([{ name: 'a', type }], { a: text }).values).toEqual({ a: value })
})

it('knows what an enum and a boolean may be', () => {
  expect(types.map(({ type }) => choicesOf(type))).toEqual([
    undefined,
    undefined,
    ['true', 'false'],
    undefined,
    undefined,
    ['HAM', 'SPAM'],
  ])
})
