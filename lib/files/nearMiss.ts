/** The end of a message about an unknown name, starting with `; `: what was probably meant, else the known names. */
export function nearMiss(name: string, known: Iterable<string>): string {
  const names = [...known]
  const nearest = nearestName(name, names)
  if (nearest !== undefined) return `; did you mean "${nearest}"?`
  return names.length === 0 ? '; none are known' : `; known: ${listed(names, 8)}`
}

/** The names, or as many as a line can take. */
export function listed(names: readonly string[], most = 20): string {
  if (names.length === 0) return 'there is none'
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** What to put behind a message that lists the known names already: what was probably meant, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known)
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}

/** A message about a name that is none of these: what it `mustBe`, what it may be, and what was probably meant. */
export function notOneOf(mustBe: string, name: string, known: readonly string[], shown = name): string {
  return `${mustBe} (${listed(known)}), got ${shown}${didYouMean(name, known)}`
}

/** The known name that was probably meant by `name`, if any. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.floor(name.length * 0.4) + 2
  for (const candidate of known) {
    // No distance is less than the difference in length.
    if (Math.abs(name.length - candidate.length) >= bestDistance) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = previous[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[column] + 1, current[column - 1] + 1))
    }
    previous = current
  }
  return previous[b.length]
}
