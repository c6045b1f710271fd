/** A message from elsewhere, such as a library's that quotes a text: on one line and shortened. */
export function shortLine(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 3)}...` : line
}

const maxLength = 300
