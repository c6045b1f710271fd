import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'

/** The folder of this package, whether the sources or the compiled files run. */
export const packageRoot = findPackageRoot(__dirname)

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  return version
}

/** The folder of the running compiled files. If the sources run, as in tests, the folder of a build. */
const compiledRoot = extname(__filename) === '.js' ? dirname(__dirname) : join(packageRoot, 'dist')

/**
 * The compiled file of a module that is started by path (threads and processes). `module` is relative to the package's
 * root, without extension, such as `workers/thread/entry`.
 */
export function compiledPath(module: string): string {
  return compiledFile(`${module}.js`)
}

/** A file that a build made, such as `console/page/index.html`. */
export function compiledFile(path: string): string {
  return join(compiledRoot, path)
}

/**
 * A path for people: relative to the working directory if it is inside it. Control characters are escaped, since a line
 * break in a file's name would begin a line of its own in a log.
 */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return (short === '' || short.startsWith('..') ? path : short).replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function findPackageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error(`no package.json above ${from}`)
  }
}
