import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LoadError, show } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { isMap } from '../../lib/isMap'
import { compiledPath, packageRoot, shortPath } from '../../lib/packagePaths'
import { readJson } from '../../lib/readJson'
import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { brokenJson } from './brokenJson'
import { failureProblem } from './failureProblem'
import { loadedInTime } from './loadedInTime'

/** The module `resolvers` beside a subgraph's schema. */
export interface ResolverModule {
  readonly file: string
  readonly createResolvers: CreateResolvers
}

/**
 * Loads the module `resolvers` of a folder, CommonJS or ES module; undefined if there is none. Rejects with a LoadError
 * if it is not compiled, throws, does not load in time, or exports no `createResolvers`, or if there are two.
 */
export async function loadResolverModule(folder: string): Promise<ResolverModule | undefined> {
  const file = findModule(folder)
  if (file === undefined) return undefined
  const { createResolvers } = await load(file)
  if (typeof createResolvers !== 'function') {
    throw new LoadError([
      `${shortPath(file)}: must export a function createResolvers, got ${typeof createResolvers}`,
    ])
  }
  return { file, createResolvers }
}

/** Endings that Node runs. */
export const moduleEndings = ['.js', '.cjs', '.mjs']
/** Endings that must be compiled first. */
const sourceEndings = ['.ts', '.cts', '.mts', '.tsx', '.jsx']

/** Whether TypeScript sources run directly, as they do in tests. */
const runsSources = __filename.endsWith('.ts')

function findModule(folder: string): string | undefined {
  const present = new Set(existsSync(folder) ? readdirSync(folder) : [])
  const named = (endings: readonly string[]) =>
    endings.map((ending) => `resolvers${ending}`).filter((name) => present.has(name))
  const [module, second] = named(moduleEndings)
  if (second !== undefined) {
    throw new LoadError([
      `${shortPath(join(folder, second))}: must be the only module of resolvers, got ${module} as well`,
    ])
  }
  if (module !== undefined) return join(folder, module)
  const [source] = named(sourceEndings)
  if (source === undefined) return undefined
  const own = ownModule(join(folder, source))
  if (existsSync(own)) return own
  const wanted = `resolvers${moduleEndings[sourceEndings.indexOf(extname(source))] ?? '.js'}`
  throw new LoadError([
    `${shortPath(join(folder, source))}: must be compiled first, got no ${shortPath(join(folder, wanted))}`,
  ])
}

/** The file to load for a source of this package, whose compiled files are in a separate folder. */
function ownModule(source: string): string {
  if (runsSources) return source
  return compiledPath(join(relative(packageRoot, dirname(source)), 'resolvers'))
}

/** The module that names a type or field, else the schema; with the line if only one has the name. */
export function resolverPlace(schemaFile: string, name: string): string {
  const module = findModule(dirname(schemaFile))
  if (module === undefined) return shortPath(schemaFile)
  const word = new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`)
  const found = readFileSync(module, 'utf8')
    .split('\n')
    .flatMap((line, at) => (word.test(line) ? [at + 1] : []))
  return found.length === 1 ? `${shortPath(module)}:${found[0]}` : shortPath(module)
}

export function hasEsResolvers(folder: string): boolean {
  const file = findModule(folder)
  return file !== undefined && isEsModule(file)
}

async function load(file: string): Promise<Partial<ResolverModule>> {
  try {
    return isEsModule(file) ? await loadedInTime(file, import(pathToFileURL(file).href)) : require(file)
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([failureProblem(file, 'must load without an error', error)])
  }
}

/** Follows Node's rules, except for files that Node would classify by their syntax. */
function isEsModule(file: string): boolean {
  return extname(file) === '.mjs' || (extname(file) === '.js' && packageType(dirname(file)) === 'module')
}

/** The `type` of the nearest package.json. Throws a LoadError if that is none. */
function packageType(folder: string): unknown {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return folder === dirname(folder) ? undefined : packageType(dirname(folder))
  const content = readJson(readTextFile(file))
  if (content === undefined) throw new LoadError([brokenJson([file]) ?? `${shortPath(file)}: must be JSON`])
  if (isMap(content)) return content['type']
  throw new LoadError([`${shortPath(file)}: must be a JSON object, got ${show(content)}`])
}
