/**
 * A message from elsewhere, such as a library's that quotes a text: on one line and shortened, without control characters,
 * which could disturb a terminal.
 */
export function shortLine(message: string): string {
  const line = message.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  return line.length > maxLength ? `${line.slice(0, maxLength - 3)}...` : line
}

const maxLength = 300
