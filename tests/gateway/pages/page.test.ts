import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { createReplaceableGateway } from '../../../gateway/supergraph/replaceableGateway'
import { federate } from '../federate'
import { startServer } from '../startServer'

const { gateway } = federate({
  a: { typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'hello' } } },
})

/** Making its pages takes most of the time, so it has them for all tests that need no new one. */
let server: HttpServer

const start = () => startServer({ gateway, ide: true, console: true })
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())

interface Reply {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** As it comes over the wire: nothing is decompressed. */
async function ask(
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', url = server.url } = {},
): Promise<Reply> {
  const message = request(url + path, { method, headers }).end()
  const [response] = await once(message, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

const encoded = (encoding: string) => ({ 'accept-encoding': encoding })

test.each(['/', '/sandbox', '/console'])(
  '%s is the same page in each encoding, and each has a tag of its own',
  async (path) => {
    const plain = await ask(path)
    const gzip = await ask(path, encoded('gzip'))
    const br = await ask(path, encoded('gzip, deflate, br'))
    expect([plain, gzip, br].map(({ headers }) => headers['content-encoding'])).toEqual([
      undefined,
      'gzip',
      'br',
    ])
    // Not handed to a matcher, which would print 9 MB.
    expect(plain.body.toString()).toMatch(/^\s*<!doctype html>/i)
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true)
    expect(brotliDecompressSync(br.body).equals(plain.body)).toBe(true)
    expect(br.body.length).toBeLessThan(gzip.body.length)
    for (const { status, headers, body } of [plain, gzip, br]) {
      expect(status).toBe(200)
      expect(headers).toMatchObject({
        'content-length': String(body.length),
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
        etag: expect.stringMatching(/^"[\w-]+"$/),
      })
    }
    expect(new Set([plain, gzip, br].map(({ headers }) => headers['etag'])).size).toBe(3)
  },
)

test('who has a page is told so, and nothing else, as long as it is that page in that encoding', async () => {
  const { headers } = await ask('/', encoded('gzip'))
  const etag = String(headers['etag'])
  const again = (known: string, encoding = 'gzip') =>
    ask('/', { ...encoded(encoding), 'if-none-match': known })
  const known = await again(etag)
  expect([known.status, known.body.length]).toEqual([304, 0])
  expect(known.headers).toMatchObject({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding' })
  expect(known.headers).not.toHaveProperty('content-encoding')
  for (const header of [`"of another version", ${etag}`, `W/${etag}`, '*'])
    expect((await again(header)).status).toBe(304)
  expect((await again(etag, 'br')).status).toBe(200)
  expect((await again('"of another version"')).status).toBe(200)
})

test('a tag outlives the process that gave it', async () => {
  const { headers } = await ask('/', encoded('br'))
  const other = await start()
  const response = await fetch(other.url, {
    headers: { ...encoded('br'), 'if-none-match': String(headers['etag']) },
  })
  await other.close()
  expect(response.status).toBe(304)
})

test('HEAD is answered with the head that GET has, and no page', async () => {
  const heads = ['gzip', 'identity'].map(async (encoding) => {
    const get = await ask('/', encoded(encoding))
    const head = await ask('/', encoded(encoding), { method: 'HEAD' })
    expect([head.status, head.body.length]).toEqual([200, 0])
    const { date: _, ...expected } = get.headers
    expect(head.headers).toMatchObject(expected)
  })
  await Promise.all(heads)
})

test('requests beside it do not wait until a page is made', async () => {
  const { url, close } = await start()
  let isMade = false
  // Without its body: while that is sent, others would be answered whoever makes the page.
  const page = ask('/', {}, { method: 'HEAD', url }).then(() => {
    isMade = true
  })
  let answered = 0
  while (!isMade) {
    await ask('/health/live', {}, { url })
    answered++
  }
  await page
  expect(answered).toBeGreaterThan(5)
  await close()
})

test('a client that leaves in the middle of a page is no error', async () => {
  const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { port, close } = await start()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const [first] = (await once(socket, 'data')) as [Buffer]
  expect(first.toString()).toMatch(/^HTTP\/1.1 200 /)
  socket.resetAndDestroy()
  // It ends only when the response has.
  await close()
  expect(written.mock.calls).toEqual([])
  written.mockRestore()
})

test('the IDE opens on a prediction of the graph that is served, also after the graph has changed', async () => {
  const graphOf = (field: string) => {
    const first = federate({
      a: { typeDefs: `type Query { ${field}: Float }`, resolvers: { Query: { [field]: () => 1 } } },
    }).gateway
    return { ...first, isPrediction: (_type: string, name: string) => name === field }
  }
  const graph = createReplaceableGateway(graphOf('score'))
  const replaced = await startServer({ gateway: graph, ide: true })
  const silent = await startServer({ gateway: graph, ide: true, introspection: false })
  const opensOn = async ({ url }: HttpServer) => {
    const [, query] = /defaultQuery: (".*"),/.exec(await (await fetch(url)).text())!
    return JSON.parse(query) as string
  }
  try {
    expect(await opensOn(replaced)).toBe('query Prediction {\n  score\n}\n')
    graph.replace(graphOf('risk'))
    expect(await opensOn(replaced)).toBe('query Prediction {\n  risk\n}\n')
    // A page is no way around introspection.
    expect(await opensOn(silent)).not.toContain('risk')
  } finally {
    await Promise.all([replaced.close(), silent.close()])
  }
})

test('the console is served without the IDE as well, and then does not link to it', async () => {
  const alone = await startServer({ gateway, console: true })
  try {
    const [page, withIde] = await Promise.all(
      [alone, server].map(async ({ url }) => (await fetch(`${url}/console`)).text()),
    )
    expect(withIde).toContain('<html data-ide ')
    expect(page).toBe(withIde.replace('<html data-ide ', '<html '))
    expect((await fetch(alone.url)).status).toBe(404)
  } finally {
    await alone.close()
  }
})
