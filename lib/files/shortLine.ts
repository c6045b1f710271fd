/**
 * A library's message about a text that it cannot parse, on one line and shortened, since it may contain a part of the
 * text.
 */
export function shortLine(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 3)}...` : line
}

const maxLength = 300
