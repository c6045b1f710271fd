import { columnText, readColumn } from '../../../gateway/graphql/columnText'

const genres = Array.from({ length: 12 }, (_, row) => (row % 2 === 0 ? ['Drama', 'Comedy'] : ['Drama']))

it.each<[string, readonly unknown[]]>([
  ['numbers', [1, 2.5, null]],
  ['texts with line breaks and commas', ['a,b', 'c\nd', '"']],
  ['no values', []],
  ['lists of few words', genres],
  ['lists of few words, with empty lists and nulls', [...genres, [], null]],
  ['lists of many words', Array.from({ length: 300 }, (_, row) => [`word ${row}`])],
  ['lists of long words', genres.map(() => ['x'.repeat(100)])],
  ['lists of numbers', [[1, 2], [3]]],
  ['lists with nulls', genres.map((list) => [...list, null])],
  ['lists of lists', genres.map((list) => [list])],
  ['texts and lists', [...genres, 'Drama']],
])('%s are read as they were', (_, values) => {
  const text = columnText(values)
  expect(text).not.toContain('\n')
  expect(readColumn(text, values.length)).toEqual(values)
})

it('a word that repeats is written once', () => {
  const text = columnText(genres)
  expect(text.split('Drama')).toHaveLength(2)
  expect(text.length).toBeLessThan(JSON.stringify(genres).length)
})

it.each([
  ['another length', '[1,2]'],
  ['an object', '{}'],
  ['a number', '1'],
  ['a word that is no text', '{"words":[1],"lengths":[1,1,1],"items":[0,0,0]}'],
  ['a word that is too long', `{"words":["${'x'.repeat(41)}"],"lengths":[1,1,1],"items":[0,0,0]}`],
  ['the number of no word', '{"words":["a"],"lengths":[1,1,1],"items":[0,0,1]}'],
  ['a name in the place of a number', '{"words":["a"],"lengths":[1,1,1],"items":[0,0,"length"]}'],
  ['fewer items', '{"words":["a"],"lengths":[1,1,1],"items":[0,0]}'],
  ['more items', '{"words":["a"],"lengths":[1,1,1],"items":[0,0,0,0]}'],
  ['a length that is no number', '{"words":["a"],"lengths":["1",1,1],"items":[0,0,0]}'],
  ['a negative length', '{"words":["a"],"lengths":[-2,1,1],"items":[0,0,0]}'],
  ['no JSON', '[1,2,3'],
])('%s is refused', (_, text) => {
  expect(() => readColumn(text, 3)).toThrow(SyntaxError)
})
