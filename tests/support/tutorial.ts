import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** A fenced block of a tutorial, and what its reader does with it. */
export type Step = { readonly line: number; readonly text: string } & (
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: PlainKind }
  | { readonly kind: 'query'; readonly url: string | undefined }
)

type PlainKind =
  | 'commands'
  | 'failing'
  | 'server'
  | 'output'
  | 'whole output'
  | 'said'
  | 'answer'
  | 'similar'
  | 'response'
  | 'data'

const kinds: Readonly<Record<string, PlainKind>> = {
  sh: 'commands',
  'sh fails': 'failing',
  'sh server': 'server',
  'text output': 'output',
  'text output whole': 'whole output',
  'text server': 'said',
  'json answer': 'answer',
  'json similar': 'similar',
  'json response': 'response',
  'json data': 'data',
}

/**
 * The blocks of `docs/tutorials/NAME.md`, in order. What follows the language says what a block is: a file's path,
 * commands (`sh`), commands that fail, a server that keeps running, lines that either writes, a query and its answer (`json answer` for its data if
 * nothing failed, `json data` whatever failed, `json response` for data and errors).
 * Throws on a block that is none of these, since nobody would try it.
 */
export function readTutorial(name: string): readonly Step[] {
  const page = readFileSync(join(packageRoot, 'docs/tutorials', `${name}.md`), 'utf8')
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, info, text] = match
    const line = page.slice(0, match.index).split('\n').length
    if (Object.hasOwn(kinds, info)) return { line, text, kind: kinds[info] }
    const [language, word = '', url] = info.split(' ')
    if (language === 'graphql' && word === 'query') return { line, text, kind: 'query', url }
    if (/\.\w+$/.test(word)) return { line, text, kind: 'file', path: word }
    throw new Error(`docs/tutorials/${name}.md:${line}: a block must say what it is, got "${info}"`)
  })
}
