/** Why a text cannot be an element of a tensor; undefined if it can. The runtime would change it without an error. */
export function textFault(text: string): string | undefined {
  // The runtime would end the text there.
  return text.includes('\0') ? 'must not hold the character U+0000' : undefined
}
