/** What a library says of a text that it cannot read, which may show a part of it: in one line, and no longer than people read. */
export function shortLine(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 3)}...` : line
}

const maxLength = 300
