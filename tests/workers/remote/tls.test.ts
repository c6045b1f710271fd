import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { TcpProxy } from '../../../bench/faults/tcpProxy'
import { ClientTls, type ClientTlsSettings } from '../../../lib/tls/clientTls'
import { ServerTls } from '../../../lib/tls/serverTls'
import { paymentRisk, zeros } from '../../contracts/worker'
import { Authority, type Issued } from '../../support/certificates'
import { dial } from '../../support/dialling'
import { type GraphServer, startGraphServer } from '../../support/graphServer'
import { until } from '../../support/until'

const key = 'payment-risk@1'
const ours = new Authority('ours')
const others = new Authority('others')
const expired = new Authority('expired', -1)
const here = 'IP:127.0.0.1,DNS:localhost'
const ofServer = ours.issue(here)
const ofClient = ours.issue('DNS:gateway')

/** Files that can be replaced, as a secret's are. */
function place(
  cert: Issued,
  ca: string,
): Issued & { readonly ca: string; replace(cert: Issued, ca: string): void } {
  const folder = mkdtempSync(join(tmpdir(), 'presage-tls-'))
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), ca: join(folder, 'ca.crt') }
  const replace = (from: Issued, ca: string) => {
    copyFileSync(from.cert, files.cert)
    copyFileSync(from.key, files.key)
    copyFileSync(ca, files.ca)
  }
  replace(cert, ca)
  return { ...files, replace }
}

describe.each(['http', 'grpc'] as const)('a server with certificates, over %s', (protocol) => {
  let server: GraphServer
  let lines: string[]
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function serve({ cert, key: keyFile }: Issued, clientCa?: string): Promise<void> {
    lines = []
    const settings = { cert, key: keyFile, ...(clientCa !== undefined && { clientCa }) }
    const tls = new ServerTls(settings, 'worker.tls', (line) => lines.push(line))
    server = await startGraphServer(0, undefined, tls)
    server.put(key, paymentRisk)
    ends.push(
      () => tls.dispose(),
      () => server.close(),
    )
  }

  async function start(settings: ClientTlsSettings | undefined, address = server.addresses[protocol]) {
    const tls = settings && new ClientTls(settings, 'shards.far.tls', () => {})
    if (tls) ends.push(() => tls.dispose())
    const worker = await dial({ address, protocol, ...(tls && { tls }) })
    ends.push(() => worker.dispose())
    return worker
  }

  it('answers a client whose certificate it accepts', async () => {
    await serve(ofServer, ours.cert)
    const worker = await start({ ca: ours.cert, ...ofClient })
    await worker.load(key, paymentRisk)
    const { tensors } = await worker.infer(key, zeros(2, 26))
    expect(tensors['probability'].data[0]).toBeCloseTo(0.645029, 5)
    // By the name of its host as well.
    await start({ ca: ours.cert, ...ofClient }, server.addresses[protocol].replace('127.0.0.1', 'localhost'))
    expect(lines).toEqual([])
  })

  it('answers others after a client that names no protocol, as one that looks at the certificate', async () => {
    await serve(ofServer)
    const [host, port] = server.addresses[protocol].split(':')
    for (let client = 1; client <= 2; client++) {
      const socket = connectTls({ host, port: Number(port), ca: readFileSync(ours.cert) })
      await once(socket, 'secureConnect')
      socket.end().resume()
      await once(socket, 'close')
    }
    const worker = await start({ ca: ours.cert })
    await worker.load(key, paymentRisk)
    await worker.infer(key, zeros(2, 26))
  })

  it.each<[string, () => Issued, ClientTlsSettings | undefined, RegExp, RegExp | undefined]>([
    [
      'has no certificate',
      () => ofServer,
      { ca: ours.cert },
      /^it (wants a certificate that it accepts|ended the connection; it may want a certificate)$/,
      /^refused a client at 127\.0\.0\.1: it has no certificate$/,
    ],
    [
      'has one of another authority',
      () => ofServer,
      { ca: ours.cert, ...others.issue('DNS:gateway') },
      /^it ended the connection; it may not accept shards\.far\.tls\.cert$/,
      /^refused a client at 127\.0\.0\.1: its certificate must be of an authority in worker\.tls\.clientCa, got another/,
    ],
    [
      'has one that has expired',
      () => ofServer,
      { ca: ours.cert, ...ours.issue('DNS:gateway', -1) },
      /^it ended the connection; it may not accept shards\.far\.tls\.cert, which has expired$/,
      /^refused a client at 127\.0\.0\.1: its certificate has expired$/,
    ],
    ['speaks no TLS', () => ofServer, undefined, /./, protocol === 'http' ? /it does not speak TLS$/ : /./],
    [
      'trusts another authority',
      () => ofServer,
      { ca: others.cert, ...ofClient },
      /^its certificate must be of an authority in shards\.far\.tls\.ca, got another \(\w+\)$/,
      undefined,
    ],
    [
      'trusts whom Node trusts',
      () => ofServer,
      ofClient,
      /^its certificate must be of an authority in Node's list, got another /,
      undefined,
    ],
    [
      'finds its certificate expired',
      () => ours.issue(here, -1),
      { ca: ours.cert, ...ofClient },
      /^its certificate has expired$/,
      undefined,
    ],
    [
      'finds it for another name',
      () => ours.issue('DNS:elsewhere.example'),
      { ca: ours.cert, ...ofClient },
      /^its certificate must be for 127\.0\.0\.1, got one for DNS:elsewhere\.example$/,
      undefined,
    ],
  ])(
    'is not used by a client that %s, which the one who knows it tells',
    async (_, issued, settings, reason, line) => {
      await serve(issued(), ours.cert)
      await expect(start(settings)).rejects.toThrow(reason)
      if (line === undefined) return
      await until(() => lines.length > 0)
      expect(lines).toEqual([expect.stringMatching(line)])
    },
  )

  it('tells each of many clients that dial it at once why it refuses them', async () => {
    await serve(ofServer, ours.cert)
    const settings = { ca: ours.cert, ...others.issue('DNS:gateway') }
    const reasons = await Promise.all(
      Array.from({ length: 6 }, () => start(settings).catch(({ message }: Error) => message)),
    )
    expect(reasons).toEqual(
      reasons.map(() => 'it ended the connection; it may not accept shards.far.tls.cert'),
    )
  })

  it('may have another name than its address, if the configuration says so', async () => {
    await serve(ours.issue('DNS:elsewhere.example'))
    const worker = await start({ ca: ours.cert, serverName: 'elsewhere.example' })
    await until(async () => (await worker.readiness()) === 'ready')
  })

  it('without TLS is told from one with', async () => {
    server = await startGraphServer()
    ends.push(() => server.close())
    await expect(start({ ca: ours.cert })).rejects.toThrow('it does not speak TLS')
  })

  it('blames no certificate for the end of a connection that has answered', async () => {
    await serve(ofServer, ours.cert)
    const proxy = new TcpProxy(Number(server.addresses[protocol].split(':')[1]))
    await proxy.open()
    ends.push(() => proxy.close())
    const worker = await start({ ca: ours.cert, ...ofClient }, `127.0.0.1:${proxy.port}`)
    await worker.load(key, paymentRisk)
    const reasons: string[] = []
    worker.lost((reason) => reasons.push(reason))
    ends.push(server.hold())
    const call = worker.infer(key, zeros(2, 26)).catch(() => {})
    await until(() => server.held.waiting > 0)
    proxy.close()
    await call
    expect(reasons).toEqual([expect.not.stringContaining('shards.far.tls')])
  })

  it('takes renewed certificates for new connections, and so do its clients', async () => {
    const atServer = place(ofServer, ours.cert)
    const atClient = place(ofClient, ours.cert)
    await serve(atServer, atServer.ca)
    const tls = new ClientTls(atClient, 'shards.far.tls', () => {})
    ends.push(() => tls.dispose())
    const connect = async () => {
      const address = server.addresses[protocol]
      const worker = await dial({ address, protocol, tls })
      ends.push(() => worker.dispose())
      return worker
    }
    const before = await connect()
    atServer.replace(others.issue(here), others.cert)
    const refused = (why: RegExp) =>
      until(() =>
        connect().then(
          (worker) => worker.dispose().then(() => false),
          ({ message }: Error) => why.test(message),
        ),
      )
    await refused(/its certificate must be of an authority in shards\.far\.tls\.ca/)
    // A connection that is there stays.
    await until(async () => (await before.readiness()) === 'ready')
    atClient.replace(others.issue('DNS:gateway'), others.cert)
    await until(() =>
      connect().then(
        () => true,
        () => false,
      ),
    )
  })
})

it('names the file that cannot be used, and why', () => {
  const open = (settings: ClientTlsSettings) => () => new ClientTls(settings, 'shards.far.tls', () => {})
  const { cert, key: keyFile } = ofClient
  expect(open({ ca: '/nowhere.pem' })).toThrow(
    'shards.far.tls.ca: /nowhere.pem: must be a readable file, got no such file',
  )
  expect(open({ cert, key: cert })).toThrow(
    /^shards\.far\.tls\.key: \S+\.crt: must hold a private key without a passphrase as PEM, got something else$/,
  )
  expect(open({ cert: keyFile, key: keyFile })).toThrow(
    /^shards\.far\.tls\.cert: \S+: must hold certificates as PEM/,
  )
  expect(open({ cert, key: ofServer.key })).toThrow(
    /^shards\.far\.tls\.key: must be the key of shards\.far\.tls\.cert, got .*key values mismatch/,
  )
})

it('tells that a certificate or all authorities of a file have expired, at a start and when they are replaced', async () => {
  const lines: string[] = []
  const files = place(ofServer, ours.cert)
  const old = ours.issue(here, -1)
  const tls = new ServerTls({ ...files, clientCa: files.ca }, 'worker.tls', (line) => lines.push(line))
  const client = new ClientTls({ ca: expired.cert }, 'shards.far.tls', (line) => lines.push(line))
  try {
    expect(lines.splice(0)).toEqual([
      expect.stringMatching(
        /^shards\.far\.tls\.ca: \S+ca\.crt: must not have expired, got one that was valid until 20\S+Z$/,
      ),
    ])
    const refusal = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })
    expect(client.problem('10.0.0.5', refusal)).toBe(
      'its certificate is of an authority in shards.far.tls.ca that has expired',
    )
    files.replace(old, ours.cert)
    await until(() => lines.length > 0)
    expect(lines).toEqual([
      expect.stringMatching(
        /^worker\.tls\.cert: \S+tls\.crt: must not have expired, got one that was valid until/,
      ),
    ])
  } finally {
    tls.dispose()
    client.dispose()
  }
})

it('is content with authorities of which one has not expired, as while they change', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-tls-'))
  const ca = join(folder, 'ca.crt')
  writeFileSync(ca, `${readFileSync(expired.cert, 'utf8')}\n${readFileSync(ours.cert, 'utf8')}`)
  const lines: string[] = []
  new ClientTls({ ca }, 'shards.far.tls', (line) => lines.push(line)).dispose()
  expect(lines).toEqual([])
})

it('keeps the former certificates while the files do not fit together, and says so', async () => {
  const files = place(ofServer, ours.cert)
  const lines: string[] = []
  const tls = new ServerTls({ cert: files.cert, key: files.key }, 'worker.tls', (line) => lines.push(line))
  try {
    const before = tls.options.cert
    copyFileSync(others.issue(here).cert, files.cert)
    await until(() => lines.length > 0)
    expect(lines).toEqual([
      expect.stringMatching(
        /^worker\.tls\.key: must be the key of worker\.tls\.cert, .*; the former certificates stay in use$/,
      ),
    ])
    expect(tls.options.cert).toBe(before)
  } finally {
    tls.dispose()
  }
})
