/** Why a text cannot be an element of a tensor; undefined if it can. The runtime would change it without an error. */
export function textFault(text: string): string | undefined {
  // The runtime would end the text there.
  if (text.includes('\0')) return 'must not hold the character U+0000'
  // UTF-8 has no half of a pair; U+FFFD would take its place, for any of them.
  return text.isWellFormed() ? undefined : 'must not hold half of a surrogate pair'
}
