import { readRuleText } from '../../../routing/parse/readRuleText'

test('keys that are given twice are found behind strings with quotes, backslashes and brackets', () => {
  const message = JSON.stringify('a \\ b " c \\" {[,:]} \\\\')
  expect(() =>
    readRuleText(`{"message": ${message}, "\\"": ["\\\\", ""], "o": {"a": 1, "\\u0061": 2}}`, 'rules.json'),
  ).toThrow('rules.json: o.a: must be given only once')
  expect(readRuleText(`{"message": ${message}, "messages": {"message": ""}}`, 'rules.json')).toEqual({
    message: JSON.parse(message),
    messages: { message: '' },
  })
})

test.each(['a', '"', '\\', '\\"'])('a string of millions of %s is read', (part) => {
  const message = part.repeat(2 ** 21)
  expect(readRuleText(JSON.stringify({ message }), 'rules.json')).toEqual({ message })
})
