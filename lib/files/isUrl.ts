/** An address of something, and no file. */
export function isUrl(text: string): boolean {
  return /^https?:/.test(text)
}
