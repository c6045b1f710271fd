/** A library's message about a text, which it may quote: on one line and shortened. */
export function shortLine(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 3)}...` : line
}

const maxLength = 300
