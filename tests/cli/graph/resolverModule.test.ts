import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runPresageSync } from '../../support/presageCommand'

/** A deployment of a team's own: one subgraph, whose resolvers are what is tried. */
let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'presage-resolvers-')))
  write('presage.yaml', 'repositories: [.]\n')
  mkdirSync(join(folder, 'objectives'))
  write(
    'rover.yaml',
    'federation_version: =2.9.0\nsubgraphs:\n  shop: { routing_url: http://127.0.0.1:4101/graphql, schema: { file: shop/schema.graphql } }\n',
  )
  write('rules.yaml', 'objectives: {}\n')
  write('shop/schema.graphql', 'type Query {\n  open: Boolean!\n}\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): void {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What `presage compose` says of the folder: whether it was refused, and each line of it. */
function compose(): { readonly code: number | null; readonly lines: readonly string[] } {
  const { code, out, err } = runPresageSync(['compose'], { cwd: folder })
  return { code, lines: `${out}${err}`.trim().split('\n') }
}

const wrote = ['wrote schema/supergraph.graphql', 'wrote schema/plan.lock.json']
const nobody = 'shop has no resolvers here, so a server of its own must answer Query.open'

it.each([
  ['resolvers.js', 'exports.createResolvers = () => ({ Query: { open: () => true } })'],
  ['resolvers.cjs', 'exports.createResolvers = () => ({ Query: { open: () => true } })'],
  ['resolvers.mjs', 'export const createResolvers = () => ({ Query: { open: () => true } })'],
  [
    'resolvers.mjs',
    'const open = await Promise.resolve(true)\nexport const createResolvers = () => ({ Query: { open: () => open } })',
  ],
])('takes %s', (name, text) => {
  write(`shop/${name}`, text)
  expect(compose()).toEqual({ code: 0, lines: wrote })
})

it('takes an ES module that its package makes one', () => {
  write('package.json', '{ "type": "module" }')
  write('shop/resolvers.js', 'export const createResolvers = () => ({ Query: { open: () => true } })')
  expect(compose()).toEqual({ code: 0, lines: wrote })
})

it('takes none where there is none, and files about one are none', () => {
  for (const name of ['resolvers.d.ts', 'resolvers.test.js', 'resolvers.js.map']) write(`shop/${name}`, '}')
  expect(compose()).toEqual({ code: 0, lines: [...wrote, nobody] })
})

it.each([
  [
    'throws in a file of its own',
    { 'resolvers.js': "exports.x = require('./db')", 'db.js': '\n\nthrow new Error("no database\\nat all")' },
    'shop/db.js:3: must load without an error, got Error: no database',
  ],
  [
    'throws as an ES module',
    { 'resolvers.mjs': '\nundefined.x' },
    "shop/resolvers.mjs:2: must load without an error, got TypeError: Cannot read properties of undefined (reading 'x')",
  ],
  [
    'awaits what nothing settles',
    { 'resolvers.mjs': 'await new Promise(() => {})' },
    'shop/resolvers.mjs: must load within 30 s, got a top-level await that does not settle',
  ],
  [
    'throws while a timer of its own runs',
    { 'resolvers.mjs': "setInterval(() => {}, 1000)\nthrow new Error('no shop')" },
    'shop/resolvers.mjs:2: must load without an error, got Error: no shop',
  ],
  [
    'cannot be parsed',
    { 'resolvers.js': '\nconst = 1' },
    "shop/resolvers.js:2: must load without an error, got SyntaxError: Unexpected token '='",
  ],
  [
    'cannot be parsed as an ES module',
    { 'resolvers.mjs': '\n\nconst = 1' },
    "shop/resolvers.mjs:3: must load without an error, got SyntaxError: Unexpected token '='",
  ],
  [
    'imports one that cannot be parsed',
    {
      'resolvers.mjs': "import './db.mjs'\nconsole.log('runs')",
      'db.mjs': "import './own.mjs'\n",
      'own.mjs': '\nconst = 1',
    },
    "shop/own.mjs:2: must load without an error, got SyntaxError: Unexpected token '='",
  ],
  [
    'is in a package whose package.json is half saved',
    { '../package.json': '{\n  "type": "mod', 'resolvers.js': '' },
    expect.stringMatching(/^package\.json(:\d+)?: must be JSON, got /),
  ],
  [
    'is in a package whose package.json holds nothing',
    { '../package.json': 'null', 'resolvers.js': '' },
    'package.json: must be a JSON object, got null',
  ],
  [
    'needs a package that is not there',
    { 'resolvers.js': "\nrequire('no-such-package')" },
    "shop/resolvers.js:2: must load without an error, got Error: Cannot find module 'no-such-package'",
  ],
  [
    'throws when it creates resolvers',
    { 'resolvers.js': 'exports.createResolvers = () => {\n  throw new RangeError("no shop")\n}' },
    'shop/resolvers.js:2: createResolvers must return resolvers, got RangeError: no shop',
  ],
  [
    'throws what is no error',
    { 'resolvers.js': 'throw { reason: 1 }' },
    'shop/resolvers.js: must load without an error, got {"reason":1}',
  ],
  [
    'creates nothing',
    { 'resolvers.js': 'exports.createResolvers = () => {}' },
    'shop/resolvers.js: createResolvers must return resolvers by type, got nothing',
  ],
  [
    'promises resolvers',
    { 'resolvers.js': 'exports.createResolvers = async () => ({})' },
    'shop/resolvers.js: createResolvers must return resolvers by type, got a promise',
  ],
  [
    'creates none for a type',
    { 'resolvers.js': 'exports.createResolvers = () => ({ Query: null })' },
    'shop/resolvers.js: resolvers of Query: must be a map of resolvers by field, got null',
  ],
  [
    'creates none for a field',
    { 'resolvers.js': 'exports.createResolvers = () => ({\n  Query: { open: true },\n})' },
    'shop/resolvers.js:2: resolver of Query.open: must be a function or a map with the function resolve, got true',
  ],
  [
    'resolves a field that the schema does not have',
    { 'resolvers.js': 'exports.createResolvers = () => ({\n  Query: {\n    opne: () => true,\n  },\n})' },
    'shop/resolvers.js:3: resolver of Query.opne: must be of a field of the schema, got none; did you mean "open"?',
  ],
  [
    'reads a file of its settings that is not there',
    {
      '../presage.yaml': 'repositories: [.]\nsubgraphs:\n  shop:\n    hours: data/hours.json\n',
      'resolvers.js': "exports.createResolvers = ({ hours }) => require('fs').readFileSync(hours)",
    },
    'presage.yaml:4: subgraphs.shop.hours: must be a readable file, got no such file (data/hours.json)',
  ],
  [
    'reads a file of its settings that is no JSON',
    {
      '../presage.yaml': 'repositories: [.]\nsubgraphs:\n  shop: { days: days.json, hours: hours.json }\n',
      '../days.json': '[]',
      '../hours.json': '{\n  "open": "9" "17"\n}',
      'resolvers.js':
        "exports.createResolvers = ({ hours }) => JSON.parse(require('fs').readFileSync(hours))",
    },
    expect.stringMatching(/^hours\.json:2: must be JSON, got .* position \d+/),
  ],
  [
    'is not the one that settings are for',
    {
      '../presage.yaml': 'repositories: [.]\nsubgraphs:\n  shops: { hours: data/hours.json }\n',
      'resolvers.js': 'exports.createResolvers = () => ({})',
    },
    'presage.yaml:3: subgraphs.shops: must be of a listed subgraph, got shops; did you mean "shop"?',
  ],
  [
    'has a second one beside it',
    { 'resolvers.js': '', 'resolvers.mjs': '' },
    'shop/resolvers.mjs: must be the only module of resolvers, got resolvers.js as well',
  ],
  [
    'is not compiled',
    { 'resolvers.mts': '' },
    'shop/resolvers.mts: must be compiled first, got no shop/resolvers.mjs',
  ],
  [
    'is not compiled either',
    { 'resolvers.tsx': '' },
    'shop/resolvers.tsx: must be compiled first, got no shop/resolvers.js',
  ],
] as [string, Record<string, string>, string][])('says in one line where a module %s', (_, files, line) => {
  for (const [name, text] of Object.entries(files)) write(`shop/${name}`, text)
  expect(compose()).toEqual({ code: 1, lines: [line, '1 problem'] })
})

it('fails if the command waits for what nothing settles', () => {
  write(
    'shop/resolvers.js',
    'Promise.all = () => new Promise(() => {})\nexports.createResolvers = () => ({})',
  )
  expect(compose()).toEqual({
    code: 1,
    lines: ['presage compose: must finish, got nothing left that it could wait for'],
  })
})
