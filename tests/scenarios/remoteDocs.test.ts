import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../cli/config/config'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { freePort } from '../support/freePort'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { createOwnFolder } from '../support/remoteExample'

const page = readFileSync(join(packageRoot, 'docs/remote.md'), 'utf8')

/** What the page says to type or write, in its order, without the indentation of lists. */
function fenced(language: string): string[] {
  return [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    ([, indent, text]) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

/** A command of the page as it runs here: compiled, with other ports and on loopback. */
function commandOf(text: string, ports: readonly string[]): readonly string[] {
  const [npx, presage, ...rest] = text.trim().split(' ')
  expect([npx, presage]).toEqual(['npx', 'presage'])
  return [
    compiledPath('cli/presage'),
    ...rest.map((word) => (word === '0.0.0.0' ? '127.0.0.1' : word)),
    ...ports,
  ]
}

describe('the page about models on other machines', () => {
  const started: NodeProcess[] = []
  afterAll(() => Promise.all(started.map((one) => one.stop('SIGKILL'))))

  it('leads from one process to a remote shard', async () => {
    const [shards, placement] = fenced('yaml')
    const [run] = fenced('sh')
    const port = await freePort()
    const folder = createOwnFolder(
      { shards: withOneEndpoint(parse(shards).shards, `127.0.0.1:${port}`) },
      parse(placement),
    )
    const shard = /--shard (\w+)/.exec(run)![1]
    const worker = commandOf(run, ['--http-port', String(port), '--grpc-port', '0'])
    started.push(await startNode(worker, new RegExp(`Presage serves (shard ${shard})`), folder))
    const start = /`npx (presage start)`/.exec(page)![1]
    const graph = await startNode(commandOf(`npx ${start}`, ['--port', '0']), /Presage serves (\S+)/, folder)
    started.push(graph)
    const { data, errors } = await postQuery(
      graph.ready,
      '{ titles(first: 3) { predictedRating(memberId: "1") } }',
    )
    expect(errors).toBeUndefined()
    expect(data.titles).toHaveLength(3)
    const metrics = await (await fetch(graph.ready.replace('/graphql', '/metrics'))).text()
    expect(metrics).toMatch(new RegExp(`presage_inference_count_total\\{.*shard="${shard}"\\} 3`))
  })

  it('shows how to serve a shard, and how to ask it', async () => {
    const [, serve] = fenced('sh')
    const [command, curl] = serve.trim().split('\n')
    const folder = createOwnFolder({}, {})
    const port = await freePort()
    started.push(
      await startNode(
        commandOf(command, ['--http-port', String(port), '--grpc-port', '0']),
        /Presage serves (shard main)/,
        folder,
      ),
    )
    const [program, url] = curl.split(' ')
    const { status, stdout } = spawnSync(program, ['-s', url.replace(':8000', `:${port}`)], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ name: 'rating-predictor', platform: 'onnx_onnxv1' })
  })

  it('shows shards that the configuration takes', () => {
    const shown = fenced('yaml').filter(
      (text) => /dns|kubernetes: \{|redis/.test(text) && /^shards/.test(text),
    )
    const kinds = shown.map((text) => {
      const folder = createOwnFolder({ ...parse(text), cache: { store: { redis: 'redis://127.0.0.1' } } }, {})
      return loadConfig(join(folder, 'presage.yaml')).shards['ratings'].members?.by
    })
    expect(kinds).toEqual(['dns', 'kubernetes', 'redis'])
  })

  it('names every key of the configuration with its default', () => {
    const schema = JSON.parse(readFileSync(join(packageRoot, 'schemas/presage.schema.json'), 'utf8'))
    expect(Object.keys(schema.properties.worker.properties).sort()).toEqual([
      'advertise',
      'drain',
      'grpc',
      'http',
      'modelMemory',
      'tls',
    ])
    for (const key of [
      'worker.http.host',
      'worker.grpc.host',
      'worker.advertise',
      'worker.drain',
      'worker.tls',
      'shards.NAME.tls.serverName',
      'endpoints',
      ...['dns', 'kubernetes', 'redis'],
      ...['dns.poll', 'dns.server', 'kubernetes.service', 'kubernetes.namespace', 'kubernetes.port'],
      ...['kubernetes.api', 'redis.url', 'redis.name'],
      'protocol',
      'calls',
    ])
      expect(page).toContain(key)
    expect(stringify(schema.properties.worker)).toContain('default: 8000')
  })
})

function withOneEndpoint(shards: Record<string, { endpoints?: string[] }>, endpoint: string): object {
  return Object.fromEntries(
    Object.entries(shards).map(([name, shard]) => [
      name,
      shard.endpoints === undefined ? shard : { ...shard, endpoints: [endpoint] },
    ]),
  )
}
