import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parse as parseGraphql } from 'graphql'
import { parseAllDocuments } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'
import { type Block, readPages } from './markdown'

/** What every page says of others, and its blocks. */

const pages = new Map(readPages().map((page) => [page.path, page]))

it('there are pages of every kind', () => {
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining([
      'README.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      'docs/rules.md',
      'templates/minimal/README.md',
    ]),
  )
})

it('every link leads to a file, and every anchor to a heading', () => {
  const dead = [...pages.values()].flatMap(({ path, links }) =>
    links
      .filter(({ target }) => !leadsSomewhere(path, target))
      .map(({ line, target }) => `${path}:${line}: ${target}`),
  )
  expect(dead).toEqual([])
})

it('links and anchors are looked at', () => {
  expect(leadsSomewhere('docs/rules.md', 'trust.md#roles')).toBe(true)
  expect(leadsSomewhere('docs/rules.md', 'trust.md#rolls')).toBe(false)
  expect(leadsSomewhere('docs/rules.md', 'no-such-page.md')).toBe(false)
  expect(leadsSomewhere('docs/rules.md', '#canaries')).toBe(true)
})

function leadsSomewhere(from: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true
  const [path, anchor] = target.split('#')
  const file = path === '' ? from : normalize(join(dirname(from), path))
  if (!existsSync(join(packageRoot, file))) return false
  return anchor === undefined || (pages.get(file)?.anchors.has(anchor) ?? false)
}

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  json: JSON.parse,
  yaml: (text) => {
    for (const { errors } of parseAllDocuments(text)) if (errors.length > 0) throw errors[0]
  },
  graphql: (text) => parseGraphql(text),
}

it.each(Object.keys(parsers))('every block of %s can be read', (language) => {
  const of = (block: Block) => block.info.split(' ')[0] === language
  const blocks = [...pages.values()].flatMap(({ path, blocks }) =>
    blocks.filter(of).map((block) => ({ path, ...block })),
  )
  const unreadable = blocks.flatMap(({ path, line, text }) => {
    try {
      parsers[language](text)
      return []
    } catch (error) {
      return [`${path}:${line}: ${(error as Error).message}`]
    }
  })
  expect(blocks.length).toBeGreaterThan(5)
  expect(unreadable).toEqual([])
})
