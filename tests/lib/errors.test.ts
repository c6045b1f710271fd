import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorTable, LoadError, PresageError, show } from '../../lib/errors'
import { packageRoot } from '../../lib/packagePaths'

it('docs/errors.md has a row for every code, with its statuses, and no others', () => {
  const text = readFileSync(join(packageRoot, 'docs/errors.md'), 'utf8')
  const documented = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| ([A-Z_]+) \| (yes|no) \|/gm)].map(
    ([, code, http, grpc, retryable]) => {
      return [code, { http: Number(http), grpc, retryable: retryable === 'yes' }]
    },
  )
  expect(documented).toEqual(Object.entries(errorTable))
})

it('an error carries its code and details to where graphql-js looks for them', () => {
  const error = new PresageError('BAD_FEATURE', 'year must be a whole number', { input: 'year' })
  expect(error.extensions).toEqual({ code: 'BAD_FEATURE', input: 'year' })
})

it('a LoadError takes a list of problems, or one as a text', () => {
  expect(new LoadError(['a', 'b'])).toMatchObject({ problems: ['a', 'b'], message: 'a\nb' })
  expect(new LoadError('no such shop')).toMatchObject({ problems: ['no such shop'], message: 'no such shop' })
})

it.each([
  [undefined, 'nothing'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [12n, '12'],
  ['a', '"a"'],
  [{ a: [1] }, '{"a":[1]}'],
])('shows %p as %s', (value, text) => {
  expect(show(value)).toBe(text)
})

it('shows long and cyclic values shortly', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  expect(show(cyclic)).toBe('object')
  expect(show('x'.repeat(10_000))).toHaveLength(80)
  expect(show(10n ** 500n)).toHaveLength(80)
})
