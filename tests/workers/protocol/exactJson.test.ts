import { exactJsonOf, parseExactJson } from '../../../workers/protocol/json/exactJson'

const parsed = (text: string) => parseExactJson(Buffer.from(text))

test('whole numbers beyond the safe range keep their digits, and those in texts stay text', () => {
  const text =
    '{"a":[9007199254740993,-9223372036854775808],"b":"9007199254740993","c\\\\":"\\"9007199254740993"}'
  expect(parsed(text)).toEqual({
    a: [9007199254740993n, -(2n ** 63n)],
    b: '9007199254740993',
    'c\\': '"9007199254740993',
  })
  expect(exactJsonOf(parsed(text))).toBe(text)
})

test('they do so beside a text of millions of characters', () => {
  const long = '\\"'.repeat(5_000_000)
  expect(parsed(`["${long}",9007199254740993]`)).toEqual([long.replaceAll('\\', ''), 9007199254740993n])
})
