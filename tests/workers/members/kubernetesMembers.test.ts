import { mkdtempSync, writeFileSync } from 'node:fs'
import { ClientRequest, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/clock'
import { KubernetesMembers } from '../../../workers/members/kubernetesMembers'
import { until } from '../../support/until'

/** However long the machine stands still, a failure is one that came soon. */
const clock: Clock = { now: () => 0, after: systemClock.after }

/** Failures of an API server, scripted; tests/interop asks a real one. */
describe('members by EndpointSlices', () => {
  let answers: ((response: ServerResponse) => void)[]
  let asked: { url: URL; token: string | undefined }[]
  let lines: string[]
  let members: KubernetesMembers
  let watch: ServerResponse | undefined
  const account = mkdtempSync(join(tmpdir(), 'presage-account-'))
  writeFileSync(join(account, 'ca.crt'), '')
  writeFileSync(join(account, 'token'), 'first\n')

  const server = createServer((message: IncomingMessage, response) => {
    asked.push({ url: new URL(message.url!, 'http://api'), token: message.headers.authorization })
    const answer = answers.shift()
    // One that has nothing more to say does not answer.
    answer?.(response)
  })
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  afterEach(() => members.close())

  function open(...script: ((response: ServerResponse) => void)[]): void {
    answers = script
    asked = []
    lines = []
    members = new KubernetesMembers({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      account,
      namespace: 'shop',
      service: 'ratings',
      port: 'http',
      clock,
      log: (line) => lines.push(line),
    })
  }

  const slice = (resourceVersion: string, ...hosts: readonly string[]) => ({
    metadata: { name: 'ratings-a', resourceVersion },
    addressType: 'IPv4',
    endpoints: hosts.map((host) => ({ addresses: [host], conditions: { ready: true } })),
    ports: [{ name: 'http', port: 8000 }],
  })
  const list =
    (resourceVersion: string, ...hosts: readonly string[]) =>
    (response: ServerResponse) =>
      response.end(
        JSON.stringify({ metadata: { resourceVersion }, items: [slice(resourceVersion, ...hosts)] }),
      )
  const watched = (response: ServerResponse) => {
    watch = response
    response.writeHead(200).flushHeaders()
  }
  const refused = (code: number, message: string) => (response: ServerResponse) =>
    response.writeHead(code).end(JSON.stringify({ kind: 'Status', code, message }))
  const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`
  const say = (type: string, object: object) => watch!.write(event(type, object))
  const isKnown =
    (...hosts: readonly string[]) =>
    () =>
      members.addresses.join() === hosts.map((host) => `${host}:8000`).join()

  it('counts as tried when it closes before the server has answered', async () => {
    open()
    await until(() => asked.length === 1)
    await members.close()
    await members.tried
    expect(lines).toEqual([])
  })

  it('lists, watches, and resumes a broken watch from where it was', async () => {
    open(list('7', '10.0.0.1'), watched, watched)
    await until(() => watch !== undefined && asked.length === 2)
    expect(members.addresses).toEqual(['10.0.0.1:8000'])
    const modified = event('MODIFIED', slice('9', '10.0.0.1', '10.0.0.2'))
    watch!.write(modified.slice(0, 40))
    // It may be read by itself, which nothing tells.
    await new Promise((resolve) => setTimeout(resolve, 50))
    // A bookmark tells nobody; what is read with it is known after it.
    watch!.write(modified.slice(40) + event('BOOKMARK', { metadata: { resourceVersion: '12' } }))
    await until(isKnown('10.0.0.1', '10.0.0.2'))
    writeFileSync(join(account, 'token'), 'second\n')
    watch!.destroy()
    await until(() => asked.length === 3)
    const [listing, first, second] = asked.map(({ url }) => url)
    expect(listing.pathname).toBe('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices')
    expect(listing.searchParams.get('labelSelector')).toBe('kubernetes.io/service-name=ratings')
    expect([first, second].map(({ searchParams }) => searchParams.get('resourceVersion'))).toEqual([
      '7',
      '12',
    ])
    expect(asked.map(({ token }) => token)).toEqual(['Bearer first', 'Bearer first', 'Bearer second'])
    say('DELETED', slice('13'))
    await until(isKnown())
    expect(lines).toEqual([])
  })

  it.each([
    ['in answer to the watch', refused(410, 'too old')],
    [
      'as an event',
      (response: ServerResponse) => {
        watched(response)
        say('ERROR', { code: 410, message: 'too old' })
      },
    ],
  ])('lists again when its version is too old, told %s', async (_, gone) => {
    open(list('7', '10.0.0.1'), gone, list('90', '10.0.0.2'), watched)
    await until(isKnown('10.0.0.2'))
    await until(() => asked.length === 4)
    expect(asked[3].url.searchParams.get('resourceVersion')).toBe('90')
    expect(lines).toEqual([])
  })

  it('goes on after a refusal whose text never ends', async () => {
    // The time of a request is over when its head has come, unless it has no limit any more.
    const lates = new Map<ClientRequest, (() => void) | undefined>()
    const hurry = jest.spyOn(ClientRequest.prototype, 'setTimeout')
    hurry.mockImplementation(function (this: ClientRequest, ms, late) {
      lates.set(this, ms === 0 ? undefined : late)
      return this.on('response', () => setImmediate(() => lates.get(this)?.()))
    })
    const endless = (response: ServerResponse) => response.writeHead(403).write('{')
    open(list('7', '10.0.0.1'), endless, endless, watched)
    await until(() => lines.length === 2)
    hurry.mockRestore()
    expect(lines[1]).toBe('the list of its servers is up to date again')
  })

  it('keeps those that it knew last while the server is away or refuses', async () => {
    open(
      list('7', '10.0.0.1'),
      (response) => response.destroy(),
      refused(403, 'endpointslices is forbidden'),
      watched,
    )
    await until(() => lines.length === 2)
    expect(members.addresses).toEqual(['10.0.0.1:8000'])
    expect(lines).toEqual([
      'the list of its servers is not up to date, the 1 last known stay: endpointslices is forbidden',
      'the list of its servers is up to date again',
    ])
  })
})
