import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placeInFile, yamlPlaces } from '../../../lib/files/yamlPlaces'

const text = `# a comment
objectives:
  RATE:
    rules:
      - { name: a }
      - name: b
        use: rater@1
placement:
  rater@1.2: main
  rater:
    1.2: never meant
`
const place = yamlPlaces(text, 'rules.yaml')

test.each([
  ['objectives', 2],
  ['objectives.RATE', 3],
  ['objectives.RATE.rules.0.name', 5],
  ['objectives.RATE.rules.1', 6],
  ['objectives.RATE.rules.1.use', 7],
  ['placement.rater@1.2', 9],
  ['placement.rater@1.2.0', 9],
  // What is missing is looked for where it should be.
  ['objectives.RATE.default', 3],
  ['experiments', 2],
  ['', 2],
])('%s is in line %s', (path, line) => {
  expect(place(path)).toBe(`rules.yaml:${line}`)
})

test('JSON has lines as well', () => {
  expect(yamlPlaces('{\n  "a": {\n    "b": 1 } }', 'r.json')('a.b')).toBe('r.json:3')
})

test.each([
  ['a text of one line', '{ a: 1 }'],
  ['no YAML', 'a: [\n'.repeat(500)],
  ['nothing', ''],
  ['a text that no person wrote', `a: 1\n${'#\n'.repeat(200_000)}`],
])('%s has no lines', (_, odd) => {
  expect(yamlPlaces(odd, 'f.yaml')('a')).toBe('f.yaml')
})

test('as many places as a text has values are found in the time of one walk', () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `key${at}`)
  const many = yamlPlaces(keys.map((key) => `${key}: 1`).join('\n'), 'f.yaml')
  expect(keys.map(many)).toEqual(keys.map((_, at) => `f.yaml:${at + 1}`))
})

test('a file is read when its place is asked for', () => {
  const file = join(tmpdir(), `presage-places-${process.pid}.yaml`)
  writeFileSync(file, 'a: 1\nserver:\n  port: 1\n')
  expect(placeInFile(file, 'server.port')).toBe(`${file}:3`)
  expect(placeInFile(`${file}.none`, 'server.port')).toBe(`${file}.none`)
})
