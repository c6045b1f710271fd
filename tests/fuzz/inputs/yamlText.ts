import fc from 'fast-check'
import { anyText } from '../arbitraries'

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'name', 'type', 'server', 'objectives', 'default', 'x') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('<<', '__proto__', 'constructor', '? ', '*a', '!!str a', '[1, 2]', '""'),
  },
  { weight: 1, arbitrary: anyText },
)
const tag = fc.constantFrom(
  '',
  '',
  '',
  '',
  '!!str ',
  '!!int ',
  '!!map ',
  '!!binary ',
  '!!set ',
  '!local ',
  '!<x> ',
  '! ',
)
const anchor = fc.constantFrom('', '', '', '&a ', '&b ', '&a &b ')
const scalar = fc.oneof(
  fc.constantFrom(
    '1',
    '0x1f',
    '0o17',
    '.inf',
    '.NaN',
    '~',
    'yes',
    '2026-01-01',
    '1e400',
    '-0',
    '1_000',
    '12:30:45',
  ),
  fc.constantFrom(
    '*a',
    '*b',
    '*missing',
    '"\\x41\\u0042\\U00000043"',
    '"\\q"',
    "'it''s'",
    '|\n   x\n  y',
    '>-\n  z',
    '|9\n a',
  ),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text)),
  anyText,
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
  fc.nat(400).map((length) => '9'.repeat(length)),
)

const { node } = fc.letrec<{ node: string; flow: string; block: string }>((tie) => ({
  flow: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('flow'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(key, tie('flow')), { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([name, value]) => `${name}: ${value}`).join(', ')}}`),
  ),
  block: fc.oneof(
    fc
      .array(tie('node'), { minLength: 1, maxLength: 4 })
      .map((items) => items.map((item) => `\n- ${indented(item)}`).join('')),
    fc
      .array(fc.tuple(key, tie('node')), { minLength: 1, maxLength: 4 })
      .map((pairs) => pairs.map(([name, value]) => `\n${name}: ${indented(value)}`).join('')),
  ),
  node: fc
    .tuple(anchor, tag, fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('flow'), tie('block')))
    .map(([anchored, tagged, value]) => anchored + tagged + value),
}))

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ')
}

/** Nested, or with aliases of aliases. */
const towers = fc
  .tuple(fc.constantFrom('[', '{a: ', '- ', '? ', '&a ', '!!seq [', 'a:\n', '"', '{"a":'), fc.nat(600))
  .map(([open, times]) => open.repeat(times))
const aliases = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9 }))
  .map(([levels, width]) => {
    const lines = ['l0: &l0 [x]']
    for (let level = 1; level <= levels; level++) {
      lines.push(
        `l${level}: &l${level} [${Array(width)
          .fill(`*l${level - 1}`)
          .join(', ')}]`,
      )
    }
    return lines.join('\n')
  })

/** Texts by the grammar of YAML, of everything that it can do; about half of them are none for some small reason. */
export const yamlText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', '', '---\n', '%YAML 1.1\n---\n', '%TAG ! !x\n---\n', '\ufeff', '# c\n', '\t'),
    fc.oneof(
      { weight: 8, arbitrary: node },
      { weight: 1, arbitrary: towers },
      { weight: 1, arbitrary: aliases },
    ),
    fc.constantFrom('', '', '\n', '\n...\n', '\n---\nb: 1\n', '\r\n', ' # c', '\0'),
  )
  .map((parts) => parts.join(''))
