import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from './freePort'
import { until } from './until'

interface Answer {
  readonly status: number
  readonly text: string
}

/** An API server of Kubernetes with its etcd, both of a test's own, and a proxy before it that can be cut. */
export class KubernetesServer {
  private etcd!: ChildProcess
  private api!: ChildProcess
  private proxy!: Server
  private readonly sockets = new Set<Socket>()
  private isCut = false

  /** With a service account's folder for a user that may list and watch EndpointSlices, and nothing else. */
  static async start(assets: string, folder: string): Promise<KubernetesServer> {
    const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() }
    const server = new KubernetesServer(assets, folder, ports)
    await server.open()
    return server
  }

  private constructor(
    private readonly assets: string,
    private readonly folder: string,
    private readonly ports: Readonly<Record<'etcd' | 'peer' | 'api', number>>,
  ) {}

  get account(): string {
    return join(this.folder, 'account')
  }

  get proxyUrl(): string {
    return `https://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`
  }

  /** Creates or replaces an EndpointSlice. */
  async put(slice: {
    readonly metadata: { readonly name: string }
    readonly [key: string]: unknown
  }): Promise<void> {
    const { status } = await this.ask('POST', slices, slice)
    if (status === 409) await this.ask('PUT', `${slices}/${slice.metadata.name}`, slice)
  }

  async remove(name: string): Promise<void> {
    await this.ask('DELETE', `${slices}/${name}`)
  }

  /** How often EndpointSlices of a namespace were listed and watched; a watch counts when it ends. */
  async requests(): Promise<{ readonly list: number; readonly watch: number }> {
    const { text } = await this.ask('GET', '/metrics')
    const count = (verb: string) =>
      text
        .split('\n')
        .filter((line) =>
          /^apiserver_request_total\{.*resource="endpointslices".*scope="namespace"/.test(line),
        )
        .filter((line) => line.includes(`verb="${verb}"`))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    return { list: count('LIST'), watch: count('WATCH') }
  }

  /** Ends all connections through the proxy, and refuses others. */
  cut(): void {
    this.isCut = true
    for (const socket of this.sockets) socket.destroy()
  }

  heal(): void {
    this.isCut = false
  }

  /** Starts the API server anew, on an etcd that keeps no old versions: a watch from before cannot be resumed. */
  async restartWithoutHistory(): Promise<void> {
    await end(this.api)
    const post = async (path: string, body: object) => {
      const url = `http://127.0.0.1:${this.ports.etcd}/v3/kv/${path}`
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
      return (await response.json()) as { header: { revision: string } }
    }
    const { header } = await post('range', { key: 'AA==' })
    await post('compaction', { revision: header.revision, physical: true })
    await this.startApi()
  }

  async stop(): Promise<void> {
    this.cut()
    this.proxy.close()
    await end(this.api)
    await end(this.etcd)
  }

  private async open(): Promise<void> {
    const { folder, ports } = this
    mkdirSync(this.account)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
    writeFileSync(join(folder, 'tokens.csv'), 'all,admin,1,system:masters\nfew,gateway,2\n')
    writeFileSync(join(this.account, 'token'), 'few')
    const at = (port: number) => `http://127.0.0.1:${port}`
    this.etcd = this.spawn('etcd', [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${at(ports.etcd)}`,
      `--advertise-client-urls=${at(ports.etcd)}`,
      `--listen-peer-urls=${at(ports.peer)}`,
      `--initial-advertise-peer-urls=${at(ports.peer)}`,
      `--initial-cluster=default=${at(ports.peer)}`,
    ])
    await this.startApi()
    copyFileSync(join(folder, 'certificates/apiserver.crt'), join(this.account, 'ca.crt'))
    await this.allowReading()
    this.proxy = createServer((client) => this.pass(client)).listen(0, '127.0.0.1')
    await once(this.proxy, 'listening')
  }

  private async startApi(): Promise<void> {
    const { folder, ports } = this
    this.api = this.spawn('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.api}`,
      `--cert-dir=${join(folder, 'certificates')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'key.pem')}`,
      `--service-account-signing-key-file=${join(folder, 'key.pem')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
    ])
    const certificate = join(folder, 'certificates/apiserver.crt')
    const isReady = async () => {
      if (!existsSync(certificate)) return false
      const answer = await this.ask('GET', '/readyz').catch(() => undefined)
      return answer?.status === 200
    }
    await until(isReady, { everyMs: 200, withinMs: 90_000 })
  }

  private async allowReading(): Promise<void> {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]
    await this.ask('POST', `${rbac}/roles`, { metadata: { name: 'members' }, rules })
    await this.ask('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'members' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'members' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'gateway' }],
    })
  }

  private spawn(name: string, args: readonly string[]): ChildProcess {
    return spawn(join(this.assets, name), args, { stdio: 'ignore' })
  }

  private pass(client: Socket): void {
    if (this.isCut) return void client.destroy()
    const server = connect(this.ports.api, '127.0.0.1')
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      this.sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.sockets.delete(one)
        other.destroy()
      })
    }
  }

  /** Asks the API server past the proxy, as one who may do everything. */
  private async ask(method: string, path: string, body?: object): Promise<Answer> {
    const ca = readFileSync(join(this.folder, 'certificates/apiserver.crt'))
    const headers = { authorization: 'Bearer all', 'content-type': 'application/json' }
    const options = { method, ca, headers, agent: false }
    return new Promise((resolve, reject) => {
      const message = request(`https://127.0.0.1:${this.ports.api}${path}`, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      message.on('error', reject).end(body && JSON.stringify(body))
    })
  }
}

const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
