import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { type Deployment, startDeployment } from '../../../cli/deployment/startDeployment'
import { loadOnServers } from '../../../cli/rules/serverLoads'
import { type ServedShard, startInference } from '../../../cli/worker/startInference'
import { packageRoot } from '../../../lib/packagePaths'
import { audience, createSigner, issuer } from '../../gateway/tokens'
import { postQuery } from '../../support/example'
import { freePort } from '../../support/freePort'
import { runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'
import { until } from '../../support/until'

/** A deployment whose only model is on two workers elsewhere, with memory for one or two of its versions. */
describe('rules that bring a version into use on workers elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-server-loads-'))
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const rules = (version: number) =>
    `{ "objectives": { "PAYMENT_RISK": { "default": "payment-risk@${version}" } }, "placement": { "*": "far" } }`
  const rulesCommand = (...args: string[]) => presageHere(['rules', ...args], folder)
  const signer = createSigner()
  const lines: string[] = []
  let ports: number[]
  let one: string
  let other: string
  let workers: ServedShard[]
  let here: Deployment

  // The third version alone takes 3.2 MiB, the second 1.2.
  const startWorker = (at: number) => {
    const section = `worker: { modelMemory: ${['1300KiB', '4MiB'][at]}, drain: 0ms }\n`
    const config = loadConfig(
      file(`worker-${at}.yaml`, `repositories: [.]\n${section}rules: rules.yaml\n${shards()}`),
    )
    return startInference(config, 'far', { httpPort: ports[at], grpcPort: 0 }, () => {})
  }
  const shards = () =>
    `shards: { far: { workers: 1, endpoints: [${ports.map((port) => `127.0.0.1:${port}`)}] } }\n`
  const loaded = (key: string) => workers.map(({ registry }) => registry.get(key)?.state.is === 'ready')
  const load = async (at: number, key: string) => {
    const path = `/v2/repository/models/${key}/load`
    expect((await fetch(`${workers[at].url}${path}`, { method: 'POST' })).status).toBe(200)
  }
  const mutate = async (change: string) => {
    const authorization = `Bearer ${await signer.sign({ roles: ['operator'] })}`
    const query = `mutation { change: ${change} { done says warnings } }`
    return (await postQuery(`${here.url}`, query, {}, { authorization })).data.change
  }
  const publish = async (version: number) => {
    const outcome = await here.rules.store.publish({ text: rules(version), author: 'test', message: '' })
    expect(outcome.kind).toBe('published')
  }

  beforeAll(async () => {
    ports = [await freePort(), await freePort()]
    ;[one, other] = ports.map((port) => `127.0.0.1:${port}`)
    for (const path of ['objectives/PAYMENT_RISK.yaml', 'models/payment-risk'])
      cpSync(join(packageRoot, 'examples/streaming', path), join(folder, path), { recursive: true })
    mkdirSync(join(folder, 'payments'))
    cpSync(join(packageRoot, 'subgraphs/payments/schema.graphql'), join(folder, 'payments/schema.graphql'))
    file('payments/resolvers.js', 'exports.createResolvers = () => ({ Query: { payment: () => null } })')
    file(
      'rover.yaml',
      'subgraphs: { payments: { routing_url: "http://payments", schema: { file: payments/schema.graphql } } }',
    )
    file('rules.yaml', rules(1))
    const config = file(
      'presage.yaml',
      `server: { port: 0, timeout: 20s }
graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
repositories: [.]
${shards()}platform: true
trust: { jwt: { issuer: "${issuer}", audience: ${audience}, algorithms: [ES256], jwks: ${signer.jwksFile} } }
rules: { store: { files: versions }, follow: false, node: one, mutations: true, audit: audit.jsonl }
`,
    )
    workers = await Promise.all([0, 1].map(startWorker))
    await Promise.all(workers.map((worker) => worker.loaded))
    here = await startDeployment(loadConfig(config), { log: (line) => lines.push(line) })
    await here.loaded
  })
  afterAll(async () => {
    await here?.close()
    await Promise.all((workers ?? []).map((worker) => worker.close()))
    rmSync(folder, { recursive: true })
  })

  it('the nodes are prepared once the workers have loaded it, which had it out of memory', async () => {
    await load(0, 'payment-risk@1')
    await load(1, 'payment-risk@1')
    await load(1, 'payment-risk@3')
    expect(loaded('payment-risk@2')).toEqual([false, false])
    await publish(2)
    await until(() => here.rules.node.status().prepared.includes(2))
    expect(loaded('payment-risk@2')).toEqual([true, true])
  })

  it('activate has it loaded if it has left meanwhile, and tells where it is', async () => {
    await load(0, 'payment-risk@1')
    await load(1, 'payment-risk@3')
    expect(loaded('payment-risk@2')).toEqual([false, false])
    const { code, err } = await rulesCommand('activate', '2', '--wait')
    expect(loaded('payment-risk@2')).toEqual([true, true])
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining(`payment-risk@2 on far: loaded at ${one}, ${other}\n`),
    })
    await until(() => here.rules.node.status().inEffect?.number === 2)
  })

  it('publish and activate name the worker that cannot load it, and why', async () => {
    const line = `payment-risk@3 on far: loaded at ${other}; ${one}: payment-risk@3 is not ready: memory: must be at most`
    const published = await rulesCommand('publish', file('next.yaml', rules(3)), '--wait')
    expect(published).toEqual({
      code: 0,
      out: expect.stringMatching(/^Version 3 is published, \w+, and all nodes are prepared\n$/),
      err: expect.stringContaining(line),
    })
    expect(await rulesCommand('activate', '3', '--wait')).toMatchObject({
      code: 0,
      err: expect.stringContaining(line),
    })
  })

  it('the mutation activateRules does the same', async () => {
    await load(0, 'payment-risk@2')
    await load(1, 'payment-risk@3')
    expect(loaded('payment-risk@1')).toEqual([false, false])
    const back = await mutate('activateRules(number: 1, expected: 3)')
    expect(back).toMatchObject({ done: true, warnings: [] })
    expect(loaded('payment-risk@1')).toEqual([true, true])
    expect(lines).toContain(`payment-risk@1 on far: loaded at ${one}, ${other}`)
    const line = `payment-risk@3 on far: loaded at ${other}; ${one}: payment-risk@3 is not ready: memory: must be at most`
    const again = await mutate('activateRules(number: 3, expected: 1)')
    expect(again).toMatchObject({ done: true, warnings: [expect.stringContaining(line)] })
    expect(lines).toContainEqual(again.warnings[0])
    await until(() => here.rules.node.status().inEffect?.number === 3)
  })

  it('shards status tells what a worker cannot serve, and not what it merely has out of memory', async () => {
    const { code, out } = await runPresage(['shards', 'status', '--json'], folder)
    const [{ servers }] = JSON.parse(out)
    const told = servers.map(({ loaded, refused }: Record<'loaded' | 'refused', object>) => ({
      loaded,
      refused,
    }))
    expect({ code, told }).toEqual({
      code: 0,
      told: [
        {
          loaded: ['payment-risk@1'],
          refused: { 'payment-risk@3': expect.stringContaining('memory: must be at most') },
        },
        { loaded: expect.arrayContaining(['payment-risk@3']), refused: {} },
      ],
    })
  })

  it('a worker that does not answer does not keep the others from loading', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket))
    const port = await freePort()
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve))
    const address = `127.0.0.1:${port}`
    await load(0, 'payment-risk@1')
    await load(1, 'payment-risk@3')
    const {
      file,
      shards: { far },
    } = loadConfig(join(folder, 'presage.yaml'))
    const shards = {
      far: { ...far, members: { by: 'endpoints', addresses: [address, one, other] } },
    } as const
    expect(loaded('payment-risk@2')).toEqual([false, false])
    const [told] = await loadOnServers({ file, shards }, here.rules.store, 2, 3, 60_000)
    silent.close()
    for (const socket of sockets) socket.destroy()
    expect(loaded('payment-risk@2')).toEqual([true, true])
    expect(told.servers).toEqual([
      { address, problem: expect.any(String) },
      { address: one, problem: null },
      { address: other, problem: null },
    ])
  })

  it('certificates that cannot be used are told with the place that names them', async () => {
    const config = loadConfig(
      file('tls.yaml', `shards:\n  far:\n    endpoints: ["${one}"]\n    tls:\n      ca: no.crt\n`),
    )
    await expect(loadOnServers(config, here.rules.store, 2, 3, 60_000)).rejects.toThrow(
      /tls\.yaml:5: shards\.far\.tls\.ca: \S+no\.crt: must be a readable file/,
    )
  })

  it('a version that no worker could take is prepared once one has come', async () => {
    await Promise.all(workers.map((worker) => worker.close()))
    await publish(2)
    await until(() => here.rules.node.status().problems[4] !== undefined)
    const { code, out, err } = await rulesCommand('activate', '4')
    expect(code).toBe(1)
    expect(err).toMatch(/payment-risk@2 on far: loaded nowhere; 127\.0\.0\.1:\d+: connect ECONNREFUSED/)
    expect(`${out}${err}`).toMatch(
      /0 of 1 nodes are prepared, not one \(payment-risk@2 is not ready: (no server|connect ECONNREFUSED)/,
    )
    workers[1] = await startWorker(1)
    const activate = () => here.rules.store.activate(4, { expected: 3, by: 'test' })
    await until(async () => (await activate()).kind === 'activated', { everyMs: 50 })
    expect(workers[1].registry.get('payment-risk@2')?.state.is).toBe('ready')
  })
})
