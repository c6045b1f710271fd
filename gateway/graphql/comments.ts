/**
 * Whether a document has more than `most` comments. The lexer of graphql-js makes an object of each, and none of its limits
 * counts them: a megabyte of them takes 0.2 s.
 */
export function hasMoreComments(text: string, most: number): boolean {
  // A comment takes two characters at least.
  if (text.length <= 2 * most) return false
  const mark = /["#]/g
  let comments = 0
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = stringEnd(text, found.index)
    else if (++comments > most) return true
    else mark.lastIndex = lineEnd(text, found.index)
  }
  return false
}

/** Where the string has ended that begins at `from`; the end of the text if it does not end. */
function stringEnd(text: string, from: number): number {
  const isBlock = text.startsWith('"""', from)
  const quote = isBlock ? '"""' : '"'
  let at = from + quote.length
  for (;;) {
    const end = text.indexOf(quote, at)
    if (end === -1) return text.length
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    // In a block, a backslash stands for itself unless the quotes follow.
    const isEscaped = isBlock ? backslashes > 0 : backslashes % 2 === 1
    if (!isEscaped) return end + quote.length
    at = end + quote.length
  }
}

/** Where the line of `from` ends. */
function lineEnd(text: string, from: number): number {
  const end = /[\n\r]/g
  end.lastIndex = from
  return end.exec(text)?.index ?? text.length
}
