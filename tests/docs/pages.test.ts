import { parse as parseGraphql } from 'graphql'
import { parseAllDocuments } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'
import { type Block, deadLinks, leadsSomewhere, readPages } from './markdown'

/** What every page says of others, and its blocks. */

const pages = readPages()

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
  expect(deadLinks(packageRoot, pages)).toEqual([])
})

it('links and anchors are looked at', () => {
  const leads = (from: string, target: string) => leadsSomewhere(packageRoot, pages, from, target)
  expect(leads('docs/rules.md', 'trust.md#roles')).toBe(true)
  expect(leads('docs/rules.md', 'trust.md#rolls')).toBe(false)
  expect(leads('docs/rules.md', 'no-such-page.md')).toBe(false)
  expect(leads('docs/rules.md', '#canaries')).toBe(true)
})

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
