import { type Document, LineCounter, parseDocument } from 'yaml'
import { atOnce } from '../../lib/turns'
import { documentPieces } from '../../lib/yamlDocument'

const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false } as const

const long = Array.from({ length: 300 }, (_, at) => `key${at}: [${at}, text, { a: "b" }] # ${at}`).join('\n')

const texts: Readonly<Record<string, string>> = {
  'a map': 'a: 1\nb:\n  - no\n  - "x"\n',
  'more than one piece': long,
  'an alias': 'a: &a [1]\nb: *a\n',
  'block text': 'a: |\n  one\n  two\nb: >-\n  three\n  four\n',
  'a byte order mark and Windows line ends': '\uFEFFa: 1\r\nb: 2\r\n',
  nothing: '',
  'comments alone': '# one\n\n# two\n',
  'a directive': '%YAML 1.2\n---\na: 1\n...\n',
  'two documents': 'a: 1\n---\nb: 2\n',
  'three documents': 'a: 1\n---\nb: 2\n---\nc: 3\n',
  'an unclosed list': 'a: [1, 2\nb: 3\n',
  'a tab': 'a:\n\t- 1\n',
  'an unknown tag': 'a: !none 1\n',
}

/** All that readers look at. */
function seen(document: Document.Parsed, lines: LineCounter) {
  const told = ({ code, message, pos }: { code: string; message: string; pos: unknown }) => ({
    code,
    message,
    pos,
  })
  return {
    text: String(document.errors.length > 0 ? '' : document),
    values: document.errors.length > 0 ? undefined : document.toJS(),
    errors: document.errors.map(told),
    warnings: document.warnings.map(told),
    lines: lines.lineStarts,
  }
}

test.each(Object.entries(texts))('a document in pieces is what the library makes of %s', (_, text) => {
  const wanted = new LineCounter()
  const whole = parseDocument(text, { ...options, prettyErrors: false, lineCounter: wanted })
  const got = new LineCounter()
  expect(seen(atOnce(documentPieces(text, got, options)), got)).toEqual(seen(whole, wanted))
})

test('others have their turn within a long text', () => {
  let pieces = 0
  const work = documentPieces(long, new LineCounter(), options)
  while (!work.next().done) pieces++
  expect(pieces).toBeGreaterThan(10)
})
