import { isMap } from '../../lib/isMap'

/*
 * A column as a line of JSON: usually an array of its values. Lists of few different words, such as genres, are written
 * with the numbers of the words, which V8 reads several times as fast as the words themselves.
 *
 *     [["Drama","Comedy"],["Drama"],null]
 *     {"words":["Drama","Comedy"],"lengths":[2,1,-1],"items":[0,1,0]}
 */

/** Values are final: JSON can write them, and none is undefined. */
export function columnText(values: readonly unknown[]): string {
  const text = values.some(Array.isArray) ? wordsText(values) : undefined
  return text ?? JSON.stringify(values)
}

/** Reads a column of so many values. Throws a SyntaxError if it is malformed, or has more or fewer. */
export function readColumn(text: string, rows: number): unknown[] {
  const read: unknown = JSON.parse(text)
  const values = Array.isArray(read) ? read : isMap(read) ? listsOf(read) : undefined
  if (values?.length === rows) return values
  throw new SyntaxError(`a column: must have ${rows} values, got ${values?.length ?? 'none'}`)
}

const mostWords = 200
/** In characters. A short text must not stand for a very long one. */
const longestWord = 40

/** Undefined if it would not be shorter. */
function wordsText(values: readonly unknown[]): string | undefined {
  const numbers = new Map<unknown, number>()
  const lengths: number[] = []
  const items: number[] = []
  for (const value of values) {
    if (value !== null && !Array.isArray(value)) return undefined
    lengths.push(value === null ? -1 : value.length)
    for (const item of value ?? []) {
      let number = numbers.get(item)
      if (number === undefined) {
        if (typeof item !== 'string' || item.length > longestWord || numbers.size === mostWords)
          return undefined
        number = numbers.size
        numbers.set(item, number)
      }
      items.push(number)
    }
  }
  if (items.length < 4 * numbers.size) return undefined
  return JSON.stringify({ words: [...numbers.keys()], lengths, items })
}

function listsOf({ words, lengths, items }: Readonly<Record<string, unknown>>): unknown[] | undefined {
  if (!Array.isArray(words) || !Array.isArray(lengths) || !Array.isArray(items)) return undefined
  if (!words.every((word) => typeof word === 'string' && word.length <= longestWord)) return undefined
  const lists: unknown[] = []
  let at = 0
  for (const length of lengths) {
    if (length === -1) {
      lists.push(null)
      continue
    }
    if (!Number.isSafeInteger(length) || length < 0 || at + length > items.length) return undefined
    const list: unknown[] = []
    for (const end = at + length; at < end; at++) {
      const word = words[items[at]]
      if (typeof word !== 'string') return undefined
      list.push(word)
    }
    lists.push(list)
  }
  return at === items.length ? lists : undefined
}
