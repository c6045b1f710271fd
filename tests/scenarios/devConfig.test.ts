import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { until } from '../support/until'

const question = '{ orders { id } }'
const risks = '{ orders { id returnRisk } }'
const documents = (body: string) =>
  JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: 'orders', name: 'Orders', type: 'query', body }],
  })

let project: NewProject
let dev: NodeProcess

beforeAll(async () => {
  project = newProject()
  // Longer than anybody waits for a reload.
  project.save('presage.yaml', (yaml) => yaml.replace('port: 4000', 'port: 4000\n  timeout: 10000m'))
  dev = await project.dev()
})

afterAll(async () => {
  await dev?.stop()
  project?.dispose()
})

const file = (name: string) => join(project.folder, name)
const configure = (change: (yaml: string) => string) => project.save('presage.yaml', change)

/** Does it, and answers what is written until then. */
async function tells(text: string, act: () => void): Promise<string> {
  const from = dev.stderr().length
  const written = () => dev.stderr().slice(from)
  act()
  await until(() => written().includes(text))
  return written()
}

/** The code of the first error, or undefined if there is none. */
async function refusal(body: object, headers: Record<string, string> = {}): Promise<string | undefined> {
  const response = await fetch(dev.ready, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0].extensions.code
}

test('it is served as often as it is saved, whatever the deadline of requests', async () => {
  for (let time = 1; time <= 4; time++)
    await tells('presage.yaml: served', () => configure((yaml) => `${yaml}# Saved ${time} times.\n`))
  expect(await refusal({ query: question })).toBeUndefined()
})

test('what takes over has another name among the nodes than what it replaces, also after an attempt that failed', async () => {
  /** Of the one that serves, once the one before has left. */
  const ownName = async () => {
    const nodes = () => readdirSync(file('.presage/rules/nodes')).filter((name) => name.endsWith('.json'))
    await until(() => nodes().length === 1)
    return /-dev(-next)?(?=-pid-)/.exec(nodes()[0])?.[0]
  }
  const before = await ownName()
  await tells('stays in service', () => configure((yaml) => yaml.replace('[.]', '[., nowhere]')))
  await tells('presage.yaml: served', () => configure((yaml) => yaml.replace('[., nowhere]', '[.]')))
  expect([before, await ownName()].sort()).toEqual(['-dev', '-dev-next'])
})

test('documents that are missing are refused; once they are there, they are served, and followed', async () => {
  const section = 'trustedDocuments: { file: docs.json, only: true }\n'
  expect(await tells('stays in service', () => configure((yaml) => yaml + section))).toContain(
    'trustedDocuments.file: docs.json: must be a readable file',
  )
  expect(await refusal({ query: question })).toBeUndefined()

  await tells('served', () => writeFileSync(file('docs.json'), documents(question)))
  expect(await refusal({ query: risks })).toBeDefined()
  expect(await refusal({ documentId: 'orders' })).toBeUndefined()

  await tells('docs.json: served', () => writeFileSync(file('docs.json'), documents(risks)))
  const answer = await fetch(dev.ready, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documentId: 'orders' }),
  })
  expect(await answer.text()).toContain('returnRisk')

  await tells('stays in service', () => rmSync(file('docs.json')))
  expect(await refusal({ documentId: 'orders' })).toBeUndefined()
  expect(await refusal({ query: question })).toBeDefined()
  await tells('served', () => configure((yaml) => yaml.replace(section, '')))
  expect(await refusal({ query: question })).toBeUndefined()
})

test('a configuration that the rules do not fit is served once they are corrected', async () => {
  await tells('presage.yaml: served', () =>
    configure((yaml) => `${yaml}shards: { main: { workers: 1 }, big: { workers: 1 } }\n`),
  )
  const placement = 'placement: { "*": big }\n'
  await tells('is in effect', () => project.save('rules.yaml', (yaml) => yaml + placement))
  expect(
    await tells('stays in service', () =>
      configure((yaml) => yaml.replace(/^shards: .*/m, 'shards: { main: { workers: 1 } }')),
    ),
  ).toMatch(/placement\.\S+: must be a shard \(main\), got big/)
  await tells('mended: served', () => project.save('rules.yaml', (yaml) => yaml.replace(placement, '')))
  await tells('presage.yaml: served', () => configure((yaml) => yaml.replace(/^shards: .*\n/m, '')))
})

test('a key that is missing is refused; after a further save, no token passes that it did not sign', async () => {
  const authorization = 'Bearer none.of.ours'
  const section = 'trust: { jwt: { issuer: me, audience: you, publicKey: key.pem, algorithms: [RS256] } }\n'
  await tells('stays in service', () => configure((yaml) => yaml.replace(/^trust: .*\n/m, section)))
  expect(await refusal({ query: question }, { authorization })).toBeUndefined()
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await tells('served', () => {
    writeFileSync(file('key.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    configure((yaml) => `${yaml}# With a key.\n`)
  })
  expect(await refusal({ query: question }, { authorization })).toBe('UNAUTHENTICATED')
  expect(await refusal({ query: question })).toBeUndefined()
})

test('where it cannot listen, the previous state is served in whole, until the save that mends it', async () => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
  })
  const admin = `  admin: { port: ${port} }\n`
  try {
    await tells('stays in service', () =>
      configure((yaml) =>
        yaml.replace('server:\n', `server:\n${admin}`).replace('[.]', '[.]\nexplain: true'),
      ),
    )
    expect((await postQuery(dev.ready, risks)).errors).toBeUndefined()
    await tells('served', () => configure((yaml) => yaml.replace(admin, '')))
    expect((await postQuery(dev.ready, risks)).errors).toBeUndefined()
  } finally {
    taken.close()
  }
})

test('where it cannot listen again either, it does once it can', async () => {
  const resolvers = 'subgraphs/orders/resolvers.js'
  const inUse = `
    const { listen } = net.Server.prototype
    net.Server.prototype.listen = function (...args) {
      if (!existsSync('.taken')) return listen.apply(this, args)
      queueMicrotask(() => this.emit('error', Object.assign(new Error('in use'), { code: 'EADDRINUSE' })))
      return this
    }
  `
  let before = ''
  await tells('served', () =>
    project.save(resolvers, (module) => {
      before = module
      return `import net from 'node:net'\nimport { existsSync } from 'node:fs'\n${module}${inUse}`
    }),
  )
  // A hidden file, so that neither its coming nor its going is a save.
  writeFileSync(file('.taken'), '')
  await tells('nothing is served until the server can listen again', () =>
    configure((yaml) => `${yaml}# Saved.\n`),
  )
  await expect(postQuery(dev.ready, risks)).rejects.toThrow('fetch failed')
  await tells('mended: served', () => rmSync(file('.taken')))
  expect((await postQuery(dev.ready, risks)).errors).toBeUndefined()
  await tells('served', () => project.save(resolvers, () => before))
})

describe('while a request is in flight', () => {
  const slow = '{ slow { id returnRisk } }'
  const objective = 'objectives/RETURN_RISK.yaml'
  const edit = (from: string, to: string) =>
    tells('RETURN_RISK: served', () => project.save(objective, (yaml) => yaml.replace(from, to)))

  /** Answers once there is a file named `go`. */
  async function begun() {
    for (const name of ['go', 'begun']) rmSync(file(name), { force: true })
    const answer = postQuery(dev.ready, slow)
    // One that nobody waits for any more is cut.
    answer.catch(() => {})
    await until(() => existsSync(file('begun')))
    return { answer }
  }

  beforeAll(async () => {
    project.save('subgraphs/orders/schema.graphql', (sdl) =>
      sdl.replace('type Query {', 'type Query {\n  slow: [Order!]!'),
    )
    project.save('subgraphs/orders/resolvers.js', (module) =>
      module.replace("{ readFileSync } from 'node:fs'", "fs, { readFileSync } from 'node:fs'").replace(
        'Query: {',
        `Query: {
          slow: async () => {
            fs.writeFileSync('begun', '')
            while (!fs.existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))
            return orders
          },`,
      ),
    )
    writeFileSync(file('go'), '')
    await until(async () => (await refusal({ query: slow })) === undefined)
    await tells('presage.yaml: served', () =>
      configure((yaml) => yaml.replace('port: 4000', 'port: 4000\n  grace: 60s')),
    )
  })

  test('it ends with the models that it began with', async () => {
    const { answer } = await begun()
    await edit('owner: orders', 'owner: returns')
    writeFileSync(file('go'), '')
    expect((await answer).errors).toBeUndefined()
  })

  test('later changes wait for it no longer than a shutdown does', async () => {
    await tells('presage.yaml: served', () => configure((yaml) => yaml.replace('grace: 60s', 'grace: 2s')))
    await begun()
    await edit('owner: returns', 'owner: shops')
    await edit('owner: shops', 'owner: orders')
    expect((await postQuery(dev.ready, risks)).errors).toBeUndefined()
  })
})

test('--host of the command is listened on, whatever the configuration says', async () => {
  const other = await startNode(
    [compiledPath('cli/presage'), 'dev', '--host', '127.0.0.2', '--port', '0'],
    /Presage serves (\S+) and watches/,
    project.folder,
  )
  expect(new URL(other.ready).hostname).toBe('127.0.0.2')
  expect(await postQuery(other.ready, question)).not.toHaveProperty('errors')
  await other.stop()
})
