import { LoadError } from '../../../lib/errors'
import { readYaml } from '../../../lib/files/parseYaml'
import { parseManifest } from '../../../models/manifest/parseManifest'
import { yamlBombs } from '../../support/yamlBombs'

function problemsOf(text: string): readonly string[] {
  try {
    readYaml(text, 'model.yaml')
  } catch (error) {
    if (error instanceof LoadError) return error.problems
    throw error
  }
  return []
}

/** What is said of each first. */
const refusals: Readonly<Record<string, RegExp>> = {
  'lists of lists': /^model\.yaml: must use at most 100 aliases, got 108$/,
  'maps of maps': /^model\.yaml: must hold at most 131072 values, each alias counted as what it stands for/,
  'a list within itself': /^model\.yaml:1:11: a value must not contain itself, got \*a$/,
  'lists within each other': /^model\.yaml:1:\d+: a value must not contain itself, got \*a0$/,
  'a chain': /^model\.yaml: must not be nested deeper than 200 levels$/,
  'many of one': /^model\.yaml: must use at most 100 aliases, got 50000$/,
  'keys of keys': /^model\.yaml:1:3: a key must be text$/,
  'a long key':
    /^model\.yaml:1:1: must be YAML, got: .*1024 chars|^model\.yaml:1:1: a key must have at most 1000/,
  'many keys twice': /^model\.yaml:1:4: must be YAML, got: Map keys must be unique$/,
}

test.each(Object.entries(yamlBombs))('%s: refused within seconds, in few lines', (name, text) => {
  const began = performance.now()
  const problems = problemsOf(text)
  expect(performance.now() - began).toBeLessThan(30_000)
  expect(problems[0]).toMatch(refusals[name])
  expect(problems.length).toBeLessThanOrEqual(101)
  expect(problems.join('').length).toBeLessThan(20_000)
})

test('aliases that stand for little are what they stand for', () => {
  const text = 'base: &base { a: 1, list: &list [x, y] }\nfirst: *base\nsecond: { b: *list, c: *base }\n'
  const base = { a: 1, list: ['x', 'y'] }
  expect(readYaml(text, 'model.yaml')).toEqual({ base, first: base, second: { b: ['x', 'y'], c: base } })
})

test('a second document is refused', () => {
  expect(problemsOf('a: 1\n---\nb: 2\n')).toEqual(['model.yaml:2:1: must be one document, got another'])
})

test('of many problems of its shape few are told', () => {
  const text = Array.from({ length: 20_000 }, (_, at) => `key${at}: 1`).join('\n')
  let problems: readonly string[] = []
  try {
    parseManifest(text, 'model.yaml')
  } catch (error) {
    problems = (error as LoadError).problems
  }
  expect(problems).toHaveLength(101)
  expect(problems[100]).toMatch(/^model\.yaml: \d+ further problems$/)
})

test('a text that is longer than any honest one is not looked at', () => {
  expect(problemsOf(`a: ${'x'.repeat(256 * 1024)}`)).toEqual([
    'model.yaml: must have at most 262144 characters, got 262147',
  ])
})
