import { parseJson } from '../../lib/readJson'

it('skips a byte order mark, and says where a text is no JSON', () => {
  expect(parseJson('\uFEFF{ "a": 1 }', 'golden.json')).toEqual({ a: 1 })
  expect(() => parseJson('\uFEFF\uFEFF1', 'golden.json')).toThrow(/^golden\.json: must be JSON, got /)
})
