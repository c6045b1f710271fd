import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { LoadError, show } from '../../lib/errors'
import { packageRoot, shortPath } from '../../lib/packagePaths'
import { loadConfig } from '../config/config'
import { loadGraph } from '../graph/graph'
import { createAllResolvers } from '../graph/subgraphResolvers'
import { askFor } from '../init/askFor'
import { presageSpec } from '../init/presageSpec'
import { copyTemplate, type TemplateName } from '../init/templates'
import { writeStale } from '../process/generatedFile'
import { writeProblem } from '../process/writeProblem'
import { canAsk } from '../terminal/asking'
import { composedFiles } from './compose'

export interface InitOptions {
  readonly template?: TemplateName
  /** Skips all questions. */
  readonly yes?: boolean
  readonly install: boolean
  /** The npm spec by which the project depends on Presage; default: the Presage that is running. */
  readonly presage?: string
}

/** Creates a folder with a working project. Throws a LoadError if it cannot be created or `npm install` fails. */
export async function init(given: string | undefined, options: InitOptions): Promise<void> {
  const { name, template } =
    canAsk() && options.yes !== true
      ? await askFor(given, options.template)
      : { name: given, template: options.template ?? 'minimal' }
  if (name === undefined) throw new LoadError(['init: must have a name, such as: presage init shop'])
  const target = resolve(name)
  checkName(basename(target))
  checkEmpty(target)

  const presage = options.presage ?? presageSpec(target)
  try {
    copyTemplate(template, target)
    writePackage(target, presage)
  } catch (error) {
    throw new LoadError([writeProblem(target, 'folder', error)])
  }
  await composeIn(target)
  console.log(`created ${shortPath(target)} from the template ${template}`)
  if (presage.startsWith('file:'))
    console.log(
      `presage comes from ${presage}: others who install the project need the same file at that path`,
    )
  if (options.install) install(target)
  const steps = [
    `cd ${shortPath(target)}`,
    ...(options.install ? [] : ['npm install']),
    'npm run dev',
    'npm test',
  ]
  console.log(`next steps, as in its README.md:\n${steps.map((step) => `  ${step}`).join('\n')}`)
}

function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name)) return
  throw new LoadError([
    `init: the name must be lower-case letters, digits, "-", "_" and ".", as npm requires, got ${show(name)}`,
  ])
}

function checkEmpty(target: string): void {
  if (!existsSync(target)) return
  const name = shortPath(target)
  if (!statSync(target).isDirectory())
    throw new LoadError([`${name}: must be a new or an empty folder, got a file`])
  const [first] = readdirSync(target).filter((file) => file !== '.git')
  if (first !== undefined)
    throw new LoadError([`${name}: must be a new or an empty folder, got one with ${first}`])
}

function writePackage(target: string, presage: string): void {
  const file = join(target, 'package.json')
  const { peerDependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const written = JSON.parse(readFileSync(file, 'utf8'))
  const dependencies = { ...written.dependencies, ...peerDependencies, presage }
  const content = { ...written, name: basename(target), dependencies }
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
}

async function composeIn(target: string): Promise<void> {
  const config = loadConfig(join(target, 'presage.yaml'))
  const resolvers = await createAllResolvers(config)
  writeStale(composedFiles(config, loadGraph(config, resolvers)))
}

function install(target: string): void {
  console.log('npm install')
  const { status, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: target,
    stdio: 'inherit',
    // npm passes on the settings of the project that this command runs in.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^npm_(config_local_prefix|package_)/i.test(key)),
    ),
  })
  if (status === 0) return
  const got = error === undefined ? `exit code ${status}` : error.message
  throw new LoadError([`npm install: must succeed in ${shortPath(target)}, got ${got}; run it there again`])
}
