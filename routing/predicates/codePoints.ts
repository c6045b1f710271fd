/** Compares by code point, where JavaScript's `<` compares UTF-16 units and puts U+1F600 before U+FF5E. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at)
    const b = right.charCodeAt(at)
    if (a === b) continue
    if (!isSurrogate(a) && !isSurrogate(b)) return a - b
    // The strings may share the first half of a surrogate pair.
    const start = at > 0 && isHighSurrogate(left.charCodeAt(at - 1)) ? at - 1 : at
    return left.codePointAt(start)! - right.codePointAt(start)!
  }
  return left.length - right.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
