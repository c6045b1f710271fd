import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { show } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'

/** One line for a team's module that threw: the place in the team's files, what was expected and what came. */
export function failureProblem(file: string, expected: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const place = placeIn(stack) ?? (error instanceof SyntaxError ? placeIn(linked(file)) : undefined)
  return `${place ?? shortPath(file)}: ${expected}, got ${sentenceOf(error)}`
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return show(error)
  // The rest, such as a stack of modules, does not tell what was wrong.
  const [sentence] = error.message.split('\n')
  return `${error.name}: ${sentence}`
}

/** File and line of the innermost frame outside Node and libraries, or the place of a syntax error. */
function placeIn(stack: string): string | undefined {
  for (const line of stack.split('\n')) {
    const [, path, number] =
      /^(?:\s+at (?:.*[( ])?)?((?:file:\/\/)?\/[^():]*):(\d+)(?::\d+\)?)?$/.exec(line) ?? []
    if (path === undefined || path.includes('/node_modules/')) continue
    return `${shortPath(path.startsWith('file:') ? fileURLToPath(path) : path)}:${number}`
  }
  return undefined
}

/**
 * For a syntax error in an ES module or one that it imports, Node prints the place only on standard error. An import of
 * what does not exist keeps the modules from running again, whatever they are by now.
 */
function linked(file: string): string {
  const source = `import ${JSON.stringify(pathToFileURL(file).href)}; import { none } from 'data:text/javascript,'`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
  })
  return stderr.includes('[eval') ? '' : stderr
}
