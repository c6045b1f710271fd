/** Texts that are short, and without end for who follows their aliases, or looks through them for each. */
export const yamlBombs: Readonly<Record<string, string>> = {
  'lists of lists': layers(12, (below) => `[${Array(9).fill(below).join(', ')}]`),
  'maps of maps': layers(30, (below) => `{ a: ${below}, b: ${below} }`),
  'a list within itself': 'name: &a [*a, *a]\n',
  'lists within each other':
    'name: ' +
    Array.from({ length: 30 }, (_, at) => `&a${at} [`).join('') +
    Array.from({ length: 30 }, (_, at) => `*a${at}`).join(', ') +
    ']'.repeat(30),
  'a chain': layers(5_000, (below) => `[${below}]`),
  'many of one': `a: &a x\nname: [${'*a, '.repeat(50_000)}]\n`,
  'keys of keys': '? ['.repeat(150) + ']'.repeat(150),
  'a long key': `${'k'.repeat(200_000)}: 1\n`,
  'many keys twice': `{${'a,'.repeat(100_000)}}`,
}

/** Each level names the one below it. */
function layers(count: number, level: (below: string) => string): string {
  const lines = ['a0: &a0 x']
  for (let at = 1; at <= count; at++) lines.push(`a${at}: &a${at} ${level(`*a${at - 1}`)}`)
  return `${lines.join('\n')}\n`
}
