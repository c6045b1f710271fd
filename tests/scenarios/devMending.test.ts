import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type NewProject, newProject } from '../support/newProject'
import type { NodeProcess } from '../support/nodeProcess'
import { until } from '../support/until'

const resolvers = 'subgraphs/orders/resolvers.js'
const beginning = (line: string) => (module: string) => `${line}\n${module}`

let project: NewProject
let dev: NodeProcess

beforeAll(async () => {
  project = newProject()
  dev = await project.dev()
})

afterAll(async () => {
  await dev?.stop()
  project?.dispose()
})

function write(name: string, text: string): void {
  const file = join(project.folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Does it, and answers what is written until then. */
async function tells(text: string | RegExp, act: () => void): Promise<string> {
  const from = dev.stderr().length
  const written = () => dev.stderr().slice(from)
  act()
  await until(() => written().search(text) >= 0)
  return written()
}

/** What fails is told; once `mend` has corrected a file that the failed save named for the first time, it is served. */
async function isMended(spoil: () => void, mend: () => void): Promise<string> {
  const told = await tells('stays in service', spoil)
  await tells(/: served/, mend)
  return told
}

const broken = 'export const n = )\n'

test('an imported module that does not exist yet, or that does not load', async () => {
  await isMended(
    () => project.save(resolvers, beginning("import './n1.js'")),
    () => write('subgraphs/orders/n1.js', ''),
  )
  await isMended(
    () => {
      write('subgraphs/orders/n2.js', broken)
      project.save(resolvers, beginning("import './n2.js'"))
    },
    () => write('subgraphs/orders/n2.js', ''),
  )
})

test('a required module that does not load, in a subgraph that is new', async () => {
  const entry = "\n  more: { routing_url: 'http://m/graphql', schema: { file: more/schema.graphql } }\n"
  write('more/schema.graphql', 'type Query { more: Int }\n')
  write(
    'more/resolvers.cjs',
    "require('./n3.cjs')\nexports.createResolvers = () => ({ Query: { more: () => 1 } })\n",
  )
  write('more/n3.cjs', 'exports.n = )\n')
  await isMended(
    () => project.save('rover.yaml', (rover) => rover.trimEnd() + entry),
    () => write('more/n3.cjs', ''),
  )
  await tells(/: served/, () => project.save('rover.yaml', (rover) => rover.replace(entry, '\n')))
})

test('a data file, a list of subgraphs and a repository that presage.yaml names', async () => {
  const data = readFileSync(join(project.folder, 'data/orders.json'), 'utf8')
  write('data/new.json', data.slice(0, 20))
  await isMended(
    () => project.save('presage.yaml', (yaml) => yaml.replace('data/orders.json', 'data/new.json')),
    () => write('data/new.json', data),
  )
  const rover = readFileSync(join(project.folder, 'rover.yaml'), 'utf8')
  write('subgraphs/orders/other.graphql', 'type Query {')
  write('rover2.yaml', rover.replace('orders/schema.graphql', 'orders/other.graphql'))
  await isMended(
    () =>
      project.save('presage.yaml', (yaml) => yaml.replace('subgraphs: rover.yaml', 'subgraphs: rover2.yaml')),
    () =>
      write(
        'subgraphs/orders/other.graphql',
        readFileSync(join(project.folder, 'subgraphs/orders/schema.graphql'), 'utf8'),
      ),
  )
  await isMended(
    () =>
      project.save('presage.yaml', (yaml) =>
        yaml.replace('repositories: [.]', 'repositories: [., ../second]'),
      ),
    () => mkdirSync(join(project.folder, '../second/models'), { recursive: true }),
  )
})

test('a top-level await that does not settle is given up for the next save, and holds up no shutdown', async () => {
  write('subgraphs/orders/n4.js', '')
  await tells(/: served/, () => project.save(resolvers, beginning("import './n4.js'")))
  const hang = "process.stderr.write('hangs\\n')\nsetInterval(() => {}, 1000)\nawait new Promise(() => {})\n"
  await tells('hangs', () => write('subgraphs/orders/n4.js', hang))
  const told = await tells(/: served/, () => write('subgraphs/orders/n4.js', '// mended\n'))
  expect(told).toBe('subgraphs/orders/n4.js: served\n')
  await tells('hangs', () => write('subgraphs/orders/n4.js', hang))
  expect(await dev.stop()).toBe(0)
})

test('at the first start, corrections are seen behind a link and in other folders', async () => {
  const fresh = newProject()
  const file = (name: string) => join(fresh.folder, name)
  renameSync(file('subgraphs'), file('../linked'))
  symlinkSync('../linked', file('subgraphs'))
  renameSync(file('data'), file('.data'))
  cpSync(file('.data/orders.json'), file('../orders.json'))
  fresh.save('presage.yaml', (yaml) => yaml.replace('data/orders.json', '.data/orders.json'))
  fresh.save('rover.yaml', (rover) => rover.replace('subgraphs/orders/schema', '../linked/orders/schema'))
  rmSync(file('.data/orders.json'))
  fresh.save(resolvers, beginning('import "./n5.js"'))
  const started = await fresh.dev(/(nothing is served yet)/)
  try {
    expect(started.stderr()).toContain('n5.js')
    writeFileSync(file('../linked/orders/n5.js'), '')
    await until(() => /\.data\/orders\.json\)/.test(started.stderr()))
    renameSync(file('../orders.json'), file('.data/orders.json'))
    await until(() => /Presage serves \S+ and watches/.test(started.stderr()))
  } finally {
    await started.stop()
    fresh.dispose()
  }
})

test('what it logs into its own folder is no save', async () => {
  const fresh = newProject()
  fresh.save(resolvers, beginning('import "./n6.js"'))
  const log = join(fresh.folder, 'dev.log')
  const started = await fresh.dev(/(nothing is served yet)/, log)
  try {
    fresh.save(resolvers, () => 'throw 1')
    await until(() => started.stderr().includes('got 1'))
    fresh.save(resolvers, () => 'export const createResolvers = () => ({})')
    await until(() => /Presage serves \S+ and watches/.test(started.stderr()))
    expect(started.stderr().match(/nothing is served yet/g)).toHaveLength(2)
  } finally {
    await started.stop()
    fresh.dispose()
  }
})

test('what modules write before they fail leads to no endless attempts, and their mistake is told once', async () => {
  const fresh = newProject()
  const loads = () => readFileSync(join(fresh.folder, 'loads.json'), 'utf8').length
  const failing = "import { appendFileSync } from 'node:fs'\nappendFileSync('loads.json', 'x')\nthrow 1\n"
  fresh.save(resolvers, () => failing)
  const started = await fresh.dev(/(nothing is served yet)/)
  try {
    await until(() => loads() === 4)
    writeFileSync(join(fresh.folder, 'other.json'), '')
    await until(() => loads() > 4)
    fresh.save(resolvers, () => 'export const createResolvers = () => ({})')
    await until(() => /Presage serves \S+ and watches/.test(started.stderr()))
    expect(started.stderr().match(/nothing is served yet/g)).toHaveLength(1)
    fresh.save(resolvers, () => failing)
    await until(() => started.stderr().includes('stays in service'))
    expect(started.stderr().match(/stays in service/g)).toHaveLength(1)
  } finally {
    await started.stop()
    fresh.dispose()
  }
})
