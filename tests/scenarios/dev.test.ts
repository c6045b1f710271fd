import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { postQuery } from '../support/example'
import { load } from '../support/load'
import { type NewProject, newProject } from '../support/newProject'
import type { NodeProcess } from '../support/nodeProcess'
import { runPresageSync } from '../support/presageCommand'
import { until } from '../support/until'

const schema = 'subgraphs/orders/schema.graphql'
const risks = '{ orders { id price returnRisk } }'

let project: NewProject
let dev: NodeProcess

beforeAll(async () => {
  project = newProject()
  project.bePatient()
  dev = await project.dev()
})

afterAll(async () => {
  await dev?.stop()
  project?.dispose()
})

const ask = (query: string) => postQuery(dev.ready, query)

/** Waits until a query is answered without errors, and answers its data. */
async function answered(query: string) {
  let data: Record<string, unknown> = {}
  await until(async () => {
    const answer = await ask(query)
    data = answer.data
    return answer.errors === undefined
  })
  return data
}

/** What it has written since. */
function fromNow(): () => string {
  const from = dev.stderr().length
  return () => dev.stderr().slice(from)
}

const addField = (name: string) => (sdl: string) =>
  sdl.replace('type Query {', `type Query {\n  ${name}: Int`)
const removeField = (name: string) => (sdl: string) => sdl.replace(`  ${name}: Int\n`, '')
const threads = () => readdirSync(`/proc/${dev.pid}/task`)
const openFiles = () => readdirSync(`/proc/${dev.pid}/fd`).length

test('a saved schema is served, and what compose writes is written', async () => {
  project.save(schema, addField('added'))
  expect(await answered('{ added }')).toEqual({ added: null })
  project.save(schema, removeField('added'))
  await until(async () => (await ask('{ added }')).errors !== undefined)
})

test('a mistake is told with file and line while the last good graph serves; mended, it is served', async () => {
  const written = fromNow()
  project.save(schema, (sdl) => addField('later')(sdl).replace('"RETURN_RISK"', '"RETURN_RISKS"'))
  await until(() => written().includes('stays in service'))
  expect(written()).toMatch(
    /subgraphs\/orders\/schema\.graphql:24 Order\.returnRisk: objective must be a known one, got "RETURN_RISKS"; did you mean "RETURN_RISK"\?/,
  )
  expect((await ask(risks)).errors).toBeUndefined()
  expect((await ask('{ later }')).errors).toBeDefined()
  project.save(schema, (sdl) => sdl.replace('"RETURN_RISKS"', '"RETURN_RISK"'))
  await answered('{ later }')
  project.save(schema, removeField('later'))
  await until(async () => (await ask('{ later }')).errors !== undefined)
})

test('resolvers are read again, with the modules that they import', async () => {
  const unknown = '{ order(id: "none") { id } }'
  writeFileSync(join(project.folder, 'subgraphs/orders/stand-in.js'), "export const standIn = '1'\n")
  project.save(
    'subgraphs/orders/resolvers.js',
    (module) =>
      `import { standIn } from './stand-in.js'\n${module.replace('byId.get(id) ?? null', 'byId.get(id) ?? byId.get(standIn)')}`,
  )
  await until(async () => (await ask(unknown)).data.order?.id === '1')
  project.save('subgraphs/orders/stand-in.js', () => "export const standIn = '2'\n")
  await until(async () => (await ask(unknown)).data.order?.id === '2')

  const written = fromNow()
  project.save('subgraphs/orders/stand-in.js', () => "export const standIn = '3'\nthrow new Error('no')\n")
  await until(() => written().includes('stays in service'))
  expect(written()).toContain('subgraphs/orders/stand-in.js:2: must load without an error, got Error: no')
  expect((await ask(unknown)).data.order?.id).toBe('2')
  project.save('subgraphs/orders/stand-in.js', () => "export const standIn = '3'\n")
  await until(async () => (await ask(unknown)).data.order?.id === '3')
})

test('a module that is saved while what imports it first is composed is read again', async () => {
  const file = 'subgraphs/orders/early.js'
  const path = join(project.folder, file)
  writeFileSync(path, 'export const early = 1\n')
  const written = fromNow()
  const inThisTurn = `
    import './early.js'
    import { writeFileSync } from 'node:fs'
    setImmediate(() => writeFileSync(${JSON.stringify(path)}, 'export const early = 2\\n'))
  `
  let before = ''
  project.save('subgraphs/orders/resolvers.js', (module) => {
    before = module
    return inThisTurn + module
  })
  await until(() => written().includes(`${file}: served`))
  project.save('subgraphs/orders/resolvers.js', () => before)
})

test('50 saved schemas, one after the other, under load: no request fails, no worker starts, no watch stays', async () => {
  const before = { threads: threads(), openFiles: openFiles() }
  const saved = (async () => {
    for (let version = 1; version <= 50; version++) {
      project.save(schema, (sdl) => addField(`v${version}`)(removeField(`v${version - 1}`)(sdl)))
      await answered(`{ v${version} }`)
    }
  })()
  const queries = [risks, '{ orders(category: SHOES) { item returnRisk } }', '{ order(id: "1") { item } }']
  const asked = await load(
    dev.ready,
    2,
    (n) => ({ query: queries[n % queries.length], variables: {} }),
    saved,
  )
  await saved
  expect(asked.failures).toEqual([])
  expect(asked.answered).toBeGreaterThan(50)
  // Workers come on demand, one a core at most.
  expect(threads().length).toBeLessThanOrEqual(before.threads.length + availableParallelism())
  // A worker has some open for its own.
  await until(() => openFiles() <= before.openFiles + 20 * availableParallelism())
}, 300_000)

test('an objective is followed: a field that it breaks is told, and what fits is served', async () => {
  const objective = 'objectives/RETURN_RISK.yaml'
  const written = fromNow()
  project.save(objective, (yaml) => yaml.replace('probability: {', 'chance: {'))
  await until(() => written().includes('stays in service'))
  expect((await ask(risks)).errors).toBeUndefined()
  project.save(objective, (yaml) => yaml.replace('chance: {', 'probability: {'))
  await until(() => written().includes('mended: served'))
  project.save(objective, (yaml) => yaml.replace('owner: orders', 'owner: returns'))
  await until(() => written().includes('objective RETURN_RISK: served'))
  expect((await ask(risks)).errors).toBeUndefined()
  expect((await ask('{ objectives { name owner } }')).data.objectives).toEqual([
    { name: 'RETURN_RISK', owner: 'returns' },
  ])
})

test('a model version is followed in place: golden cases that it misses keep the one that serves', async () => {
  const golden = 'models/return-risk/1/golden.json'
  const written = fromNow()
  const { orders } = (await ask('{ orders { returnRisk } }')).data
  project.save(golden, (text) => text.replace(/"probability": [\d.]+/, '"probability": 0.999'))
  await until(() => written().includes('stays in service'))
  expect(written()).toContain('return-risk@1 is not ready: golden cases: case 0')
  expect((await ask('{ orders { returnRisk } }')).data.orders).toEqual(orders)

  project.save('models/return-risk/1/model.yaml', (yaml) => yaml.replace('offset: 60', 'offset: 50'))
  const input = '{ "category": "SHOES", "price": 50, "sizes": 1, "earlierReturns": null }'
  project.save(
    golden,
    () => `{ "tolerance": 1, "cases": [{ "input": ${input}, "output": { "probability": 0.5 } }] }`,
  )
  await until(() => written().includes('return-risk@1: served'))
  // An attempt that read one of the two files before it was saved is followed by another one.
  await until(async () => {
    const { data } = await ask('{ orders { returnRisk } }')
    return JSON.stringify(data.orders) !== JSON.stringify(orders)
  })
})

test('presage.yaml is followed, but not where it is wrong; pages of this machine may ask', async () => {
  const written = fromNow()
  project.save('presage.yaml', (yaml) => `${yaml}\ntryModell: true\n`)
  await until(() => written().includes('stays in service'))
  expect(written()).toMatch(/presage\.yaml:\d+: tryModell: is not a known key; did you mean "tryModel"\?/)
  project.save('presage.yaml', (yaml) => yaml.replace('tryModell: true', 'limits: { fields: 3 }'))
  await until(
    async () =>
      (await ask('{ orders { id item price } }').catch(() => ({ errors: undefined }))).errors !== undefined,
  )
  const page = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
  const { headers } = await fetch(dev.ready, { method: 'OPTIONS', headers: page })
  expect(headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
})

test('an objective that versions do not fit any more is served, once rules name only others', async () => {
  const other = newProject()
  other.bePatient()
  const followed = await other.dev()
  try {
    const written = () => followed.stderr()
    const model = (version: string) => join(other.folder, 'models/return-risk', version)
    const rename = (text: string) => text.replaceAll('probability', 'chance')
    cpSync(model('1'), model('2'), { recursive: true })
    other.save('models/return-risk/2/golden.json', rename)
    other.save('models/return-risk/2/model.yaml', (yaml) =>
      yaml.replace('version: "1"', 'version: "2"').replace('probability: {', 'chance: {'),
    )
    await until(() => written().includes('return-risk@2 is not ready: serves RETURN_RISK'))
    other.save('objectives/RETURN_RISK.yaml', (yaml) => yaml.replace('probability: {', 'chance: {'))
    await until(() => written().includes('the last working state stays in service'))
    expect((await postQuery(followed.ready, risks)).errors).toBeUndefined()

    other.save('rules.yaml', (yaml) => rename(yaml).replace('return-risk@1', 'return-risk@2'))
    // The first version is of no use to anybody now, and holds nothing up.
    await until(() => written().includes('mended: served'))
    await until(() => written().includes('rules: version 2 is in effect'))
    const { data, errors } = await postQuery(
      followed.ready,
      '{ orders { returnRisk } models { version ready } }',
    )
    expect({ errors, models: data.models }).toEqual({
      errors: undefined,
      models: [
        { version: '1', ready: false },
        { version: '2', ready: true },
      ],
    })
  } finally {
    await followed.stop()
    other.dispose()
  }
})

test('SIGTERM ends it, with 0', async () => {
  expect(await dev.stop()).toBe(0)
})

test('mistakes at the first start are told one after the other, until what is saved can be served', async () => {
  const fresh = newProject()
  fresh.bePatient()
  const resolvers = 'subgraphs/orders/resolvers.js'
  fresh.save(schema, (sdl) => sdl.replace('"RETURN_RISK"', '"RETURN_RISKS"'))
  fresh.save(resolvers, (module) => `${module}\nthrow new Error('no')\n`)
  const started = await fresh.dev(/(nothing is served yet)/)
  try {
    expect(started.stderr()).toMatch(/resolvers\.js:\d+: must load without an error, got Error: no/)
    fresh.save(resolvers, (module) => module.replace("throw new Error('no')", ''))
    await until(() => started.stderr().includes('did you mean "RETURN_RISK"?'))
    fresh.save(schema, (sdl) => sdl.replace('"RETURN_RISKS"', '"RETURN_RISK"'))
    await until(() => /Presage serves \S+ and watches/.test(started.stderr()))
    const [url] = /http:\S+\/graphql/.exec(started.stderr()) ?? ['']
    expect((await postQuery(url, risks)).errors).toBeUndefined()
  } finally {
    await started.stop()
    fresh.dispose()
  }
})

test('without a configuration it ends', () => {
  const { code, err } = runPresageSync(['dev'], { cwd: tmpdir() })
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining('presage.yaml: must be a readable file'),
  })
})
