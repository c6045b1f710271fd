import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** The Markdown of the repository. */
export function readPages(): readonly Page[] {
  return listMarkdown('').map(readPage)
}

function listMarkdown(folder: string): readonly string[] {
  const entries = readdirSync(join(packageRoot, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return leftOut.includes(entry.name) ? [] : listMarkdown(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

function readPage(path: string): Page {
  const text = readFileSync(join(packageRoot, path), 'utf8')
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
