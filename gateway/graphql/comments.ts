import { stringEnd } from '../../lib/readJson'

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
    if (text.startsWith(quotes, found.index)) mark.lastIndex = blockEnd(text, found.index)
    else if (found[0] === '"') mark.lastIndex = stringEnd(text, found.index)
    else if (++comments > most) return true
    else mark.lastIndex = lineEnd(text, found.index)
  }
  return false
}

/** Where the block string has ended that begins at `from`; the end of the text if it does not end. */
function blockEnd(text: string, from: number): number {
  let end = from
  do {
    end = text.indexOf(quotes, end + quotes.length)
    if (end === -1) return text.length
    // A backslash stands for itself unless the quotes follow.
  } while (text[end - 1] === '\\')
  return end + quotes.length
}

const quotes = '"""'

/** Where the line of `from` ends. */
function lineEnd(text: string, from: number): number {
  const end = /[\n\r]/g
  end.lastIndex = from
  return end.exec(text)?.index ?? text.length
}
