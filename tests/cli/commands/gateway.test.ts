import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { loadConfig } from '../../../cli/config/config'
import { callSettings } from '../../../cli/config/gatewayConfig'
import { compiledPath } from '../../../lib/packagePaths'
import { type GraphqlServer, sendJson, startGraphqlServer } from '../../support/graphqlServer'
import { type NodeProcess, startNode } from '../../support/nodeProcess'
import { runPresageSync } from '../../support/presageCommand'

const folder = mkdtempSync(join(tmpdir(), 'presage-gateway-'))
const presage = compiledPath('cli/presage')
const sdl = 'type Query { hello: String }'

let subgraph: GraphqlServer
let running: NodeProcess | undefined

beforeAll(async () => {
  subgraph = await startGraphqlServer((_, response) => sendJson(response, { data: { hello: 'over HTTP' } }))
})

afterEach(async () => {
  await running?.stop('SIGKILL')
  running = undefined
})

afterAll(() => subgraph.close())

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

function supergraph(url: string): string {
  const { supergraphSdl } = composeServices([{ name: 'greetings', url, typeDefs: parse(sdl) }])
  if (!supergraphSdl) throw new Error('does not compose')
  return written('supergraph.graphql', supergraphSdl)
}

async function serve(...args: string[]): Promise<URL> {
  running = await startNode([presage, 'gateway', '--port', '0', ...args], /Presage serves (\S+)/, folder)
  return new URL(running.ready)
}

async function post(url: URL, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ hello }' }),
  })
  return response.json()
}

/** A start that fails: its exit code and what it wrote. */
function refused(...args: string[]): string {
  const { code, err } = runPresageSync(['gateway', ...args], { cwd: folder })
  return `${code}: ${err.replaceAll(folder, 'FOLDER')}`
}

it('serves a supergraph file without any configuration, and is ready once it listens', async () => {
  const url = await serve('--supergraph', supergraph(subgraph.url))
  expect((await fetch(new URL('/health/ready', url))).status).toBe(200)
  expect(await post(url)).toEqual({ data: { hello: 'over HTTP' } })
  expect(await running?.stop()).toBe(0)
})

it('reads from a configuration where a subgraph is and which headers it gets', async () => {
  const config = written(
    'own.yaml',
    `gateway: { all: { forwardHeaders: [authorization] }, subgraphs: { greetings: { url: "${subgraph.url}" }, gone: {} } }`,
  )
  const url = await serve('--supergraph', supergraph('http://127.0.0.1:1/'), '--config', config)
  expect(await post(url, { authorization: 'Bearer t', 'x-other': '1' })).toEqual({
    data: { hello: 'over HTTP' },
  })
  const { headers } = subgraph.calls[subgraph.calls.length - 1]
  expect(headers).toMatchObject({ authorization: 'Bearer t' })
  expect(headers).not.toHaveProperty('x-other')
  expect(running?.stderr()).toContain(
    'gateway.subgraphs.gone: must be a subgraph of the supergraph (greetings)',
  )
})

it('a subgraph that is away is an error of its fields, and only the log names its address', async () => {
  const url = await serve('--supergraph', supergraph('http://127.0.0.1:1/'))
  expect(await post(url)).toEqual({
    data: { hello: null },
    errors: [
      {
        message: 'subgraph greetings: expected an answer, but it failed',
        locations: [{ line: 1, column: 3 }],
        path: ['hello'],
        extensions: { code: 'UPSTREAM_FAILED', subgraph: 'greetings' },
      },
    ],
  })
  await running?.written(/http:\/\/127.0.0.1:1\/: nothing listens there \(ECONNREFUSED\)/, 1)
})

it('says which keys of the context no subgraph learns of, where there is no key for envelopes', async () => {
  const context = 'context: { member: { header: x-member }, device: { from: client, header: x-device } }\n'
  const lines = async (name: string, text: string) => {
    await serve('--supergraph', supergraph(subgraph.url), '--config', written(name, context + text))
    await running?.stop()
    return running?.stderr()
  }
  expect(await lines('lost.yaml', 'gateway: { all: { forwardHeaders: [X-Device] } }')).toContain(
    'Subgraphs learn nothing of context.member: set the same trust.envelopeKey for them and here, or list x-member in gateway.all.forwardHeaders.',
  )
  const silent = [
    'gateway: { all: { forwardHeaders: [x-device] }, subgraphs: { greetings: { forwardHeaders: [x-member] } } }',
    'trust: { envelopeKey: "the-key-of-this-deployment" }',
  ]
  for (const text of silent) expect(await lines('told.yaml', text)).not.toContain('Subgraphs learn nothing')
})

it('refuses to start with what it cannot serve, one problem a line', () => {
  expect(refused()).toBe(
    '1: schema/supergraph.graphql: must be a composed supergraph, got no such file; name one with --supergraph, or run npx presage compose\n1 problem\n',
  )
  expect(refused('--supergraph', 'none.graphql')).toBe(
    '1: none.graphql: must be a readable file, got no such file\n1 problem\n',
  )
  expect(refused('--supergraph', supergraph('not a url'))).toBe(
    '1: supergraph.graphql: subgraph greetings: url: must be a URL such as http://localhost:4001/graphql, got "not a url"\n1 problem\n',
  )
  expect(refused('--supergraph', supergraph(''))).toBe(
    '1: supergraph.graphql: subgraph greetings: url: must be where this gateway reaches it, got none; say gateway.subgraphs.greetings.url in presage.yaml\n1 problem\n',
  )
  expect(refused('--supergraph', 'supergraph.graphql', '--config', 'none.yaml')).toBe(
    "1: none.yaml: must be a readable file, got no such file in FOLDER; run this in the project's folder, or name the file with --config\n1 problem\n",
  )
  const { port } = subgraph
  expect(refused('--supergraph', supergraph(subgraph.url), '--port', String(port))).toBe(
    `1: 127.0.0.1:${port} is in use by another process; try --port with another port (0 takes any that is free), or server.port in presage.yaml\n1 problem\n`,
  )
})

describe('the section gateway', () => {
  const config = (text: string) => loadConfig(written('section.yaml', text)).gateway

  it('has a value for everything', () => {
    expect(config('{}')).toEqual({
      timeout: 30_000,
      poll: 1000,
      all: { timeout: 10_000, retries: 2, connections: 64, answerBytes: 33_554_432, forwardHeaders: [] },
      subgraphs: {},
    })
  })

  it("lets a subgraph's own settings win over those of all", () => {
    const own = config(
      'gateway: { all: { retries: 0 }, subgraphs: { a: { timeout: 200ms, url: "http://a/" } } }',
    )
    expect(callSettings(own, 'a')).toMatchObject({ retries: 0, timeout: 200, url: 'http://a/' })
    expect(callSettings(own, 'constructor')).toEqual(own.all)
  })

  it('names the path of what is wrong', () => {
    expect(() =>
      config('gateway: { all: { retries: -1, timeout: 1 }, subgraphs: { a: { retry: 1 } } }'),
    ).toThrow(
      /gateway.all.timeout: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got 1\n.*gateway.all.retries: must be a whole number from 0 on, got -1\n.*gateway.subgraphs.a.retry: /,
    )
  })

  it.each([
    ['content-length', 'must not be a header that belongs to one connection or body, got "content-length"'],
    ['Host', 'must not be a header that belongs to one connection or body, got "Host"'],
    ['x y', 'must be the name of a header, got "x y"'],
  ])('refuses to pass on the header %s', (name, expected) => {
    expect(() => config(`gateway: { all: { forwardHeaders: [authorization, "${name}"] } }`)).toThrow(
      `section.yaml: gateway.all.forwardHeaders.1: ${expected}`,
    )
  })

  it("refuses a subgraph's URL that is none, where it stands", () => {
    expect(() => config('gateway:\n  subgraphs:\n    a: { url: "localhost:4101/graphql" }')).toThrow(
      'section.yaml:3: gateway.subgraphs.a.url: must be an http or https URL, got "localhost:4101/graphql"',
    )
  })
})
