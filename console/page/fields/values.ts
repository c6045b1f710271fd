import type { Input } from './contract'

/** A value to be typed: a feature, an input or a context key. */
export type TypedValue = Pick<Input, 'name' | 'type'> & Partial<Input>

/** Reads typed texts by the types of their values; empty ones are left out. `mistakes` says what does not read, by name. */
export function readValues(
  of: readonly TypedValue[],
  texts: Readonly<Record<string, string>>,
): { readonly values: Readonly<Record<string, unknown>>; readonly mistakes: ReadonlyMap<string, string> } {
  const values: Record<string, unknown> = {}
  const mistakes = new Map<string, string>()
  for (const { name, type } of of) {
    const text = (texts[name] ?? '').trim()
    if (text === '') continue
    const value = readValue(type, text)
    if (value === undefined) mistakes.set(name, `must be ${expected(type)}`)
    else values[name] = value
  }
  return { values, mistakes }
}

/** What an enum, a boolean or anything else may be; undefined where anything of its type may come. */
export function choicesOf(type: string): readonly string[] | undefined {
  if (/^boolean!?$/i.test(type)) return ['true', 'false']
  return isList(type) || type.startsWith('{') || !type.includes(' | ') ? undefined : type.split(' | ')
}

export function isList(type: string): boolean {
  return type.startsWith('[')
}

function readValue(type: string, text: string): unknown {
  const bare = type.replaceAll('!', '')
  if (isList(bare)) return readList(bare.slice(1, -1), text)
  if (bare === 'Int' || bare === 'Float' || bare === 'number') return readNumber(text)
  if (bare === 'Boolean' || bare === 'boolean')
    return text === 'true' ? true : text === 'false' ? false : undefined
  // A text, an id or a label of an enum, which may be `true` or `null`.
  return text
}

/** JSON, or items with commas between them. */
function readList(type: string, text: string): unknown {
  const list = readJson(text)
  if (Array.isArray(list)) return list
  // A gap is more likely a slip than an empty text, which JSON can write.
  const items = text.split(',').map((item) => (item.trim() === '' ? undefined : readValue(type, item.trim())))
  return items.includes(undefined) ? undefined : items
}

function readNumber(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function expected(type: string): string {
  const bare = type.replaceAll('!', '')
  if (isList(bare)) return `a list of ${bare.slice(1, -1)}, with commas or as JSON`
  if (bare === 'Boolean' || bare === 'boolean') return 'true or false'
  return 'a number'
}
