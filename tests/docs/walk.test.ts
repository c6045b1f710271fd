import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** The way of a warm request, as the page about it says that it can be read. */

interface Place {
  readonly file: string
  readonly functions: readonly string[]
}

const rows = readFileSync(join(packageRoot, 'docs/lifecycle.md'), 'utf8').matchAll(
  /^\| `([\w/]+\.ts)` \| (.*?) \|/gm,
)
const places = [...rows].map(
  ([, file, read]): Place => ({ file, functions: [...read.matchAll(/`(\w+)`/g)].map(([, name]) => name) }),
)

/**
 * How many lines the functions and methods of this name have in a file, in all; 0 if there is none. Formatted code ends
 * a function at the indentation of its beginning.
 */
function linesOf(file: string, name: string): number {
  const lines = readFileSync(join(packageRoot, file), 'utf8').split('\n')
  const begins = new RegExp(`^( *)(?:(?:export|private|async|function) )*${name}(?:<.*>)?\\(`)
  let count = 0
  for (let from = 0; from < lines.length; from++) {
    const indent = begins.exec(lines[from])?.[1]
    if (indent === undefined) continue
    const after = lines.slice(from)
    const head = lines[from].endsWith('(') ? after.find((line) => line.startsWith(`${indent})`)) : lines[from]
    // Other lines call the function, or declare its type.
    if (!head?.endsWith('{')) continue
    count += after.findIndex((line) => line === `${indent}}` || line === `${indent}},`) + 1
  }
  return count
}

it('names places', () => {
  expect(places.length).toBeGreaterThan(15)
  for (const { functions } of places) expect(functions).not.toEqual([])
})

it('has every function where the page says', () => {
  const missing = places.flatMap(({ file, functions }) =>
    functions.filter((name) => linesOf(file, name) === 0).map((name) => `${file} ${name}`),
  )
  expect(missing).toEqual([])
})

it('is short enough for a quarter of an hour', () => {
  const lines = places.flatMap(({ file, functions }) => functions.map((name) => linesOf(file, name)))
  expect(lines.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_000)
  expect(places.length).toBeLessThanOrEqual(20)
})
