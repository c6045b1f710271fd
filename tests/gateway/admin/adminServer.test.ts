import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ListenError } from '../../../gateway/http/listen'
import type { HttpServer, HttpSettings } from '../../../gateway/server/httpServer'
import { freePort } from '../../support/freePort'
import { federate } from '../federate'
import { startServer } from '../startServer'

let release: () => void
let entered: Promise<void>
let enter: () => void
beforeEach(() => {
  entered = new Promise((resolve) => {
    enter = resolve
  })
})

const hold = () => {
  enter()
  return new Promise<string>((resolve) => {
    release = () => resolve('done')
  })
}

const { gateway } = federate({
  a: {
    typeDefs: 'type Query { hello: String held: String }',
    resolvers: { Query: { hello: () => 'hello', held: hold } },
  },
})
const own = { host: '127.0.0.1', port: 0 }
const reasons = ['rating-predictor@4 is warming up']
const servers: HttpServer[] = []

async function start(options: Partial<HttpSettings> = {}): Promise<HttpServer> {
  const server = await startServer({
    gateway,
    metricsText: async () => 'up 1\n',
    readiness: () => ({ ready: false, reasons }),
    actions: new Map([['/v1/public', async () => 'for all']]),
    adminActions: new Map([['/v1/reload', async () => 'reloaded']]),
    ...options,
  })
  servers.push(server)
  return server
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

type Told = readonly [status: number | undefined, body: unknown]

async function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Told> {
  const message = request(url + path, { method, headers, agent: false })
  message.end(method === 'POST' ? '{}' : undefined)
  const [response] = await once(message, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return [response.statusCode, text.startsWith('{') || text.startsWith('"') ? JSON.parse(text) : text]
}

const post = (url: string, path: string, headers: Record<string, string> = {}) =>
  get(url, path, { 'content-type': 'application/json', ...headers }, 'POST')

/** An address of this machine that is not loopback. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

const forbidden = (path: string): Told => [
  403,
  {
    errors: [
      {
        message: `${path}: is only for clients on this machine that connect directly, by a loopback name or address; server.admin in the configuration gives it an address for others`,
        extensions: { code: 'FORBIDDEN' },
      },
    ],
  },
]

describe('without a listener of their own', () => {
  it('the pages of operators are there for a client on this machine', async () => {
    const { url, adminUrl } = await start()
    expect(adminUrl).toBeUndefined()
    expect(await get(url, '/metrics')).toEqual([200, 'up 1\n'])
    expect(await get(url, '/metrics?x=1')).toEqual([200, 'up 1\n'])
    expect(await get(url, '/health/ready')).toEqual([503, { ready: false, reasons }])
    expect(await post(url, '/v1/reload')).toEqual([200, 'reloaded'])
  })

  const refusesAll = async (url: string, headers: Record<string, string>) => {
    expect(await get(url, '/metrics', headers)).toEqual(forbidden('/metrics'))
    expect(await post(url, '/v1/reload', headers)).toEqual(forbidden('/v1/reload'))
    expect(await get(url, '/health/ready', headers)).toEqual([503, { ready: false }])
    expect(await get(url, '/health/live', headers)).toEqual([200, { live: true }])
    expect(await post(url, '/v1/public', headers)).toEqual([200, 'for all'])
    expect(await get(url, '/nothing', headers)).toEqual([
      404,
      {
        errors: [
          {
            message: 'no such path: /nothing; the graph is at /graphql',
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      },
    ])
  }

  it.each<Record<string, string>>([
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-forwarded-host': 'localhost' },
    { 'x-real-ip': '127.0.0.1' },
    { via: '1.1 proxy' },
    { host: 'graph.example.com' },
  ])('a proxy on this machine gets none of them with %j', async (headers) => {
    const { url } = await start()
    await refusesAll(url, headers)
  })

  it('a whole URL as the target is served as its path, and is for this machine if its host is', async () => {
    const { url, port } = await start()
    const send = async (target: string, method = 'GET', body?: string) => {
      const headers = { 'content-type': 'application/json', host: 'localhost' }
      const message = request(url, { method, path: target, headers, agent: false }).end(body)
      const [response] = await once(message, 'response')
      return [response.statusCode, (await response.toArray()).join('')]
    }
    expect(await send(`http://127.0.0.1:${port}/graphql`, 'POST', '{"query":"{ hello }"}')).toEqual([
      200,
      '{"data":{"hello":"hello"}}\n',
    ])
    expect(await send(`http://127.0.0.1:${port}/metrics`)).toEqual([200, 'up 1\n'])
    expect((await send(`http://graph.example.com:${port}/metrics`))[0]).toBe(403)
  })

  const elsewhere = ownAddress === undefined ? it.skip : it
  elsewhere('a client from another address gets none of them, whatever it says of itself', async () => {
    const { port } = await start({ host: '0.0.0.0' })
    const url = `http://${ownAddress}:${port}`
    await refusesAll(url, {})
    await refusesAll(url, { host: 'localhost' })
    await refusesAll(url, { host: 'localhost', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' })
    expect(await get(`http://127.0.0.1:${port}`, '/metrics')).toEqual([200, 'up 1\n'])
  })
})

describe('with a listener of their own', () => {
  it('the pages of operators are there alone', async () => {
    const { url, adminUrl = '' } = await start({ admin: own })
    expect(await get(adminUrl, '/metrics')).toEqual([200, 'up 1\n'])
    expect(await get(adminUrl, '/health/ready?verbose')).toEqual([503, { ready: false, reasons }])
    expect(await get(adminUrl, '/health/live')).toEqual([200, { live: true }])
    expect(await post(adminUrl, '/v1/reload')).toEqual([200, 'reloaded'])

    const moved = (path: string) => [
      404,
      {
        errors: [
          {
            message: `no such path: ${path}, which is at the address of server.admin`,
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      },
    ]
    expect(await get(url, '/metrics')).toEqual(moved('/metrics'))
    expect(await post(url, '/v1/reload')).toEqual(moved('/v1/reload'))
    expect(await get(url, '/health/ready')).toEqual([503, { ready: false }])
    expect(await get(url, '/health/live')).toEqual([200, { live: true }])
  })

  it('the graph, its IDE and its actions are not there', async () => {
    const { url, adminUrl = '' } = await start({ admin: own, ide: true })
    for (const path of ['/graphql?query={hello}', '/', '/sandbox', '/v1/public']) {
      const [status, body] = await get(adminUrl, path)
      expect([path, status, body]).toEqual([
        path,
        404,
        {
          errors: [
            {
              message: `no such path: ${path.split('?')[0]}, must be one of /health/live, /health/ready, /metrics, /v1/reload`,
              extensions: { code: 'BAD_REQUEST' },
            },
          ],
        },
      ])
    }
    expect((await get(url, '/sandbox'))[0]).toBe(200)
    expect(await post(url, '/v1/public')).toEqual([200, 'for all'])
  })

  const elsewhere = ownAddress === undefined ? it.skip : it
  elsewhere('who reaches it may look, from anywhere and through proxies', async () => {
    const { adminUrl = '' } = await start({ admin: { host: ownAddress!, port: 0 } })
    const headers = { 'x-forwarded-for': '10.0.0.7', host: 'presage.internal' }
    expect(await get(adminUrl, '/metrics', headers)).toEqual([200, 'up 1\n'])
    expect(await get(adminUrl, '/health/ready', headers)).toEqual([503, { ready: false, reasons }])
  })

  it('a page that fails is a redacted 500 there', async () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { adminUrl = '' } = await start({
      admin: own,
      metricsText: () => Promise.reject(new Error('registry is gone')),
    })
    expect(await get(adminUrl, '/metrics')).toEqual([
      500,
      { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ])
    expect(written.mock.calls.join()).toContain('registry is gone')
    written.mockRestore()
  })

  it('it tells of a shutdown as long as requests are in flight, and ends with them', async () => {
    const server = await start({ admin: own, readiness: () => ({ ready: true, reasons: [] }) })
    const { url, adminUrl = '' } = server
    expect(await get(adminUrl, '/health/ready')).toEqual([200, { ready: true, reasons: [] }])
    const answer = fetch(`${url}/graphql?query={held}`, { headers: { 'apollo-require-preflight': '1' } })
    await entered
    const closed = server.close()
    expect(await get(adminUrl, '/health/ready')).toEqual([503, { ready: false, reasons: ['shutting down'] }])
    release()
    expect((await answer).status).toBe(200)
    await closed
    await expect(get(adminUrl, '/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('what hangs there is cut when the grace period is over', async () => {
    const server = await start({
      admin: own,
      closeGraceMs: 100,
      adminActions: new Map([['/v1/reload', hold]]),
    })
    const cut = expect(post(server.adminUrl!, '/v1/reload')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await entered
    await server.close()
    await cut
  })

  it('a client that sends its request slowly is cut off there too', async () => {
    const { adminUrl = '' } = await start({ admin: own, sendTimeoutMs: 50 })
    const socket = connect(Number(new URL(adminUrl).port), '127.0.0.1')
    socket.write('GET /metrics HTTP/1.1\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 408 /)
    socket.destroy()
  })
})

describe('an address that is taken', () => {
  let taken: Server
  let port: number
  beforeEach(async () => {
    taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    port = (taken.address() as AddressInfo).port
  })
  afterEach(() => taken.close())

  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    )

  it('of operators is told as theirs, and the graph is not served', async () => {
    const free = await freePort()
    const error = await refused(start({ port: free, admin: { host: '127.0.0.1', port } }))
    expect(error).toBeInstanceOf(ListenError)
    expect(error).toMatchObject({ listener: 'admin', address: { port }, cause: { code: 'EADDRINUSE' } })
    await expect(get(`http://127.0.0.1:${free}`, '/health/live')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('of the graph is told as its own, and operators are not served', async () => {
    const free = await freePort()
    const error = await refused(start({ port, admin: { host: '127.0.0.1', port: free } }))
    expect(error).toMatchObject({ listener: 'graph', cause: { code: 'EADDRINUSE' } })
    await expect(get(`http://127.0.0.1:${free}`, '/health/live')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})
