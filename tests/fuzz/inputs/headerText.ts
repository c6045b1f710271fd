/** The bytes as Node reads them in a header: what may not stand in one is left out. */
export function headerText(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .trim()
}
