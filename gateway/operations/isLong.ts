/**
 * Whether parsing, validating or compiling an operation takes milliseconds: it has more than about a hundred fields.
 */
export function isLong(text: string): boolean {
  return text.length >= 2000
}
