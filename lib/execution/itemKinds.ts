/** Whether all items are finite numbers. */
export function areNumbers(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at++) {
    const item = items[at]
    if (typeof item !== 'number' || item - item !== 0) return false
  }
  return true
}

/** Whether all items are strings. A separate loop, so that V8 sees no numbers here, which it would box. */
export function areTexts(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at++) if (typeof items[at] !== 'string') return false
  return true
}

/** Whether all items are Booleans. */
export function areFlags(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at++) if (typeof items[at] !== 'boolean') return false
  return true
}
