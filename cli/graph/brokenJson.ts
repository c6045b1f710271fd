import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { shortLine } from '../../lib/files/shortLine'
import { shortPath } from '../../lib/packagePaths'

/**
 * What is wrong with the first `.json` file that does not hold JSON, with its line if the parser tells it; undefined
 * if there is none. A parser's own error does not name the file.
 */
export function brokenJson(files: readonly string[]): string | undefined {
  for (const file of files) {
    if (extname(file) !== '.json') continue
    let text = ''
    try {
      text = readFileSync(file, 'utf8')
      JSON.parse(text)
    } catch (error) {
      if (!(error instanceof SyntaxError)) continue
      const [, position] = /at position (\d+)/.exec(error.message) ?? []
      const line = position && `:${text.slice(0, Number(position)).split('\n').length}`
      return `${shortPath(file)}${line ?? ''}: must be JSON, got ${shortLine(error.message)}`
    }
  }
  return undefined
}
