import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { headingAnchor } from '../../docs/.vitepress/headingAnchor'
import { packageRoot } from '../../lib/packagePaths'

export interface Block {
  readonly line: number
  /** What stands behind the fence, such as `yaml rules.yaml`. */
  readonly info: string
  readonly text: string
}

export interface Link {
  readonly line: number
  readonly target: string
}

/** A page: what its reader sees, in parts. */
export interface Page {
  readonly path: string
  readonly blocks: readonly Block[]
  readonly links: readonly Link[]
  /** Code within lines. */
  readonly codes: readonly { readonly line: number; readonly text: string }[]
  readonly anchors: ReadonlySet<string>
}

/** What is made by tools, and what tests keep. */
const leftOut = ['.git', '.presage', '.transpiled', '.venv', 'coverage', 'dist', 'fixtures', 'node_modules']

/** The Markdown of the repository or of another folder, by path. */
export function readPages(root = packageRoot): ReadonlyMap<string, Page> {
  return new Map(listMarkdown(root, '').map((path) => [path, readPage(root, path)]))
}

/** The links of pages that lead to no file, or to no heading of a page. */
export function deadLinks(root: string, pages: ReadonlyMap<string, Page>): readonly string[] {
  return [...pages.values()].flatMap(({ path, links }) =>
    links
      .filter(({ target }) => !leadsSomewhere(root, pages, path, target))
      .map(({ line, target }) => `${path}:${line}: ${target}`),
  )
}

/** Whether a link of a page leads to a file, and its anchor to a heading. */
export function leadsSomewhere(
  root: string,
  pages: ReadonlyMap<string, Page>,
  from: string,
  target: string,
): boolean {
  if (/^[a-z]+:/.test(target)) return true
  const [path, anchor] = target.split('#')
  const file = path === '' ? from : normalize(join(dirname(from), path))
  if (!existsSync(join(root, file))) return false
  return anchor === undefined || (pages.get(file)?.anchors.has(anchor) ?? false)
}

function listMarkdown(root: string, folder: string): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return leftOut.includes(entry.name) ? [] : listMarkdown(root, path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

function readPage(root: string, path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const blocks: Block[] = []
  // Without its blocks, but with as many lines.
  const prose = text.replaceAll(
    /^( *)```(.*)\n([\s\S]*?)^ *```$/gm,
    (whole, indent: string, info: string, inner: string, at) => {
      const unindented = inner.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
      blocks.push({ line: lineOf(text, at), info, text: unindented })
      return whole.replaceAll(/[^\n]/g, '')
    },
  )
  const codes: { line: number; text: string }[] = []
  const withoutCode = prose.replaceAll(/(`+)([^`]+)\1/g, (whole, _ticks, code: string, at) => {
    codes.push({ line: lineOf(prose, at), text: code.replaceAll(/\s+/g, ' ') })
    return whole.replaceAll(/[^\n]/g, 'x')
  })
  const links = [...withoutCode.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)].map((match) => {
    return { line: lineOf(prose, match.index), target: match[1] }
  })
  return { path, blocks, links, codes, anchors: anchorsOf(prose) }
}

/** Equal headings are told apart by a number, from the second on. */
function anchorsOf(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const counts = new Map<string, number>()
  for (const [, heading] of prose.matchAll(/^#+ (.*)$/gm)) {
    const anchor = headingAnchor(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'))
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return anchors
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
