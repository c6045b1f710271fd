import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { templates } from '../../cli/init/templates'
import { packageRoot } from '../../lib/packagePaths'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import { type NewProject, newProject } from '../support/newProject'
import { runPresageSync } from '../support/presageCommand'

const empty = () => mkdtempSync(join(tmpdir(), 'presage-init-'))

describe.each(Object.keys(templates))('the template %s', (template) => {
  let project: NewProject
  beforeAll(() => {
    project = newProject(template)
  })
  afterAll(() => project?.dispose())

  it('has settings for editors that find their files, and schemas that editors can build', () => {
    const { folder } = project
    const settings = JSON.parse(readFileSync(join(folder, '.vscode/settings.json'), 'utf8'))
    const known = readdirSync(join(packageRoot, 'schemas')).map(
      (name) => `./node_modules/presage/schemas/${name}`,
    )
    expect(known).toEqual(expect.arrayContaining(Object.keys(settings['yaml.schemas'])))
    const directives = readFileSync(join(packageRoot, 'schemas/subgraph.graphql'), 'utf8')
    for (const name of readdirSync(join(folder, 'subgraphs'))) {
      const sdl = readFileSync(join(folder, 'subgraphs', name, 'schema.graphql'), 'utf8')
      expect(() => buildSchema(directives + sdl)).not.toThrow()
    }
  })

  it('composes a supergraph with a URL for each subgraph, without which other gateways refuse it', () => {
    const supergraph = readFileSync(join(project.folder, 'schema/supergraph.graphql'), 'utf8')
    const urls = [...supergraph.matchAll(/@join__graph\(name: "\w+", url: "(.*)"\)/g)].map(([, url]) => url)
    expect(urls.length).toBeGreaterThan(0)
    for (const url of urls) expect(url).toMatch(/^http:/)
  })

  it('depends on the Presage that made it, and leaves no file of npm behind that npm would not read', () => {
    const { folder } = project
    const { name, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(name).toBe('shop')
    expect(join(folder, dependencies.presage.replace(/^file:/, ''))).toBe(packageRoot)
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['.gitignore', '.npmrc']))
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).not.toContain('{{')
  })

  it('keeps out of Git what is installed and what a running deployment writes', () => {
    const { folder } = project
    const written = ['node_modules/presage', '.presage/audit.jsonl', 'logs/exposures.jsonl']
    execFileSync('git', ['init', '--quiet'], { cwd: folder })
    const ignored = execFileSync('git', ['check-ignore', ...written, 'rules.yaml'], { cwd: folder })
    expect(ignored.toString().trim().split('\n')).toEqual(written)
  })
})

test('the definition of @predict for editors is the one that composition adds', () => {
  const sdl = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
  const predict = '@link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])'
  const added = withPredictDirective({
    name: 'a',
    url: '',
    file: 'a.graphql',
    sdl: `${sdl}extend schema ${predict}\n`,
  }).sdl
  const definition = /"Answers the field[\s\S]*FIELD_DEFINITION/.exec(added)?.[0]
  expect(definition).toBeDefined()
  expect(readFileSync(join(packageRoot, 'schemas/subgraph.graphql'), 'utf8')).toContain(definition)
})

test('a folder with something in it is refused, and keeps it', () => {
  const parent = empty()
  mkdirSync(join(parent, 'shop'))
  writeFileSync(join(parent, 'shop/notes.txt'), 'mine')
  const { code, err } = runPresageSync(['init', 'shop', '--no-install'], { cwd: parent })
  expect({ code, err }).toEqual({
    code: 1,
    err: 'shop: must be a new or an empty folder, got one with notes.txt\n1 problem\n',
  })
  expect(readdirSync(join(parent, 'shop'))).toEqual(['notes.txt'])
})

test('a folder that cannot be made is named, with why', () => {
  const parent = empty()
  writeFileSync(join(parent, 'file'), '')
  const { code, err } = runPresageSync(['init', 'file/shop', '--no-install'], { cwd: parent })
  expect({ code, err }).toEqual({
    code: 1,
    err: 'file/shop: must be a folder that can be written to, got ENOTDIR\n1 problem\n',
  })
})

test('without a terminal a name must be given, and one that npm takes', () => {
  const cwd = empty()
  expect(runPresageSync(['init', '--no-install'], { cwd }).err).toBe(
    'init: must have a name, such as: presage init shop\n1 problem\n',
  )
  expect(runPresageSync(['init', 'My Shop', '--no-install'], { cwd }).err).toContain(
    'must be lower-case letters',
  )
  expect(runPresageSync(['init', 'shop', '--template', 'none'], { cwd }).err).toContain(
    'Allowed choices are minimal',
  )
  expect(readdirSync(cwd)).toEqual([])
})
