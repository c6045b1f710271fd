import fc from 'fast-check'

/** Text that breaks careless programs: prototype keys, lone surrogates, numbers at the edges, syntax of every format here. */
const nastyTexts = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\udc00x',
  '\u2028',
  '\u202e',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  '__typename',
  'null',
  'true',
  '~',
  '.nan',
  '-.inf',
  '1e999',
  '-0',
  '0x10',
  '9007199254740993',
  '../../etc/passwd',
  '{}',
  '[]',
  ': ',
  '# ',
  '&a',
  '*a',
  '<<: *a',
  '!!binary x',
  '%YAML 9.9',
  '---',
  '...',
  '"',
  "'",
  '|',
  '>',
  '\t',
  '\r\n',
  'ｆｕｌｌ',
  '😀',
  'x'.repeat(5000),
]

const nastyNumbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  5e-324,
  1.17e-38,
  3.5e38,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.NaN,
  Infinity,
  -Infinity,
]

export const anyText = fc.oneof(fc.constantFrom(...nastyTexts), fc.string({ maxLength: 20, unit: 'binary' }))

export const anyNumber = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...nastyNumbers) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer({ min: -5, max: 5000 }) },
)

/** Anything that can be written as JSON or YAML, shallow. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null)),
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map(ownProperties),
  ),
})).value

/** An object with these keys as properties of its own, `__proto__` included. */
export function ownProperties(entries: readonly (readonly [string, unknown])[]): object {
  const object = {}
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return object
}

type Edit = (source: string) => string

/** One change to a text, at a place given as a share of its length. */
const edit: fc.Arbitrary<Edit> = fc
  .tuple(fc.constantFrom('insert', 'cut', 'repeat', 'swap', 'truncate'), fc.nat(9999), fc.nat(40), anyText)
  .map(([kind, share, length, text]) => (source) => {
    const at = Math.floor((share / 10_000) * source.length)
    const head = source.slice(0, at)
    const piece = source.slice(at, at + length)
    const tail = source.slice(at + length)
    switch (kind) {
      case 'insert':
        return head + text + piece + tail
      case 'cut':
        return head + tail
      case 'repeat':
        return head + piece + piece + tail
      case 'swap':
        return head + text + tail
      default:
        return head
    }
  })

/** One of the texts with one to four changes. */
export function editedText(sources: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...sources), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([source, edits]) => edits.reduce((text, apply) => apply(text), source))
}

/** One of the trees in which one or two places hold something else, are gone, or are called otherwise. */
export function changedTree(trees: readonly unknown[], words: readonly string[]): fc.Arbitrary<unknown> {
  const value = fc.oneof(anyValue, fc.constantFrom(...words))
  const change = fc.record({
    kind: fc.constantFrom('value', 'value', 'remove', 'rename', 'add'),
    place: fc.nat(10_000),
    key: fc.oneof(fc.constantFrom(...words), anyText),
    value,
  })
  return fc
    .tuple(fc.constantFrom(...trees), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([source, changes]) => {
      const root = structuredClone(source)
      for (const { kind, place, key, value } of changes) {
        const places = placesOf(root)
        if (places.length === 0) return root
        const { holder, at } = places[place % places.length]
        if (kind === 'value') setOwn(holder, at, value)
        else if (kind === 'add') setOwn(holder, Array.isArray(holder) ? String(holder.length) : key, value)
        else {
          const moved = holder[at]
          delete holder[at]
          if (kind === 'rename') setOwn(holder, Array.isArray(holder) ? at : key, moved)
        }
      }
      return root
    })
}

type Holder = Record<string, unknown>

function setOwn(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true })
}

function placesOf(root: unknown): { holder: Holder; at: string }[] {
  const places: { holder: Holder; at: string }[] = []
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    for (const at of Object.keys(value)) {
      places.push({ holder: value as Holder, at })
      visit((value as Holder)[at])
    }
  }
  visit(root)
  return places
}
