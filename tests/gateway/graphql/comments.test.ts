import fc from 'fast-check'
import { Lexer, Source, TokenKind } from 'graphql'
import { hasMoreComments } from '../../../gateway/graphql/comments'

/** As the lexer counts them. */
function commentsIn(text: string): number {
  const lexer = new Lexer(new Source(text))
  let comments = 0
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    for (let one = token.prev; one?.kind === TokenKind.COMMENT; one = one.prev) comments++
  }
  for (let one = lexer.token.prev; one?.kind === TokenKind.COMMENT; one = one.prev) comments++
  return comments
}

test('comments are counted as the lexer counts them, in texts that it reads', () => {
  const piece = fc.constantFrom(
    '#',
    '"',
    '"""',
    '\\',
    '\\"',
    '\\"""',
    '\n',
    '\r\n',
    '\r',
    'a',
    ' ',
    '{',
    '# "',
    '"#"',
  )
  let counted = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      let comments: number
      try {
        comments = commentsIn(text)
      } catch {
        return
      }
      counted += comments
      // So long that they are counted at all.
      const long = `${text}\n${' '.repeat(200)}`
      expect(hasMoreComments(long, comments)).toBe(false)
      if (comments > 0) expect(hasMoreComments(long, comments - 1)).toBe(true)
    }),
    { seed: 5, numRuns: 3_000 },
  )
  expect(counted).toBeGreaterThan(500)
})

test('a string without an end is no trouble', () => {
  for (const text of ['"', '"""', '"\\"', '"""\\"""']) expect(hasMoreComments(`#\n#\n${text}`, 1)).toBe(true)
})
