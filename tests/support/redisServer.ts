import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './freePort'

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

/** A Redis of a test's own, on a free port of the loopback. */
export class RedisServer {
  private child: ChildProcess | undefined
  private readonly folder = mkdtempSync(join(tmpdir(), 'presage-redis-'))

  private static readonly started = new Set<RedisServer>()

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /** Settings are as on the command line; by default every write is on disk before it is answered. */
  static async start(settings: readonly string[] = durable): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings)
    RedisServer.started.add(server)
    await server.start()
    return server
  }

  /** Also those that a test which failed has left. */
  static async stopAll(): Promise<void> {
    for (const server of RedisServer.started) await server.stop()
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Settles when it answers. */
  async start(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder]
    const child = spawn('redis-server', [...place, '--save', '', ...this.settings], { stdio: 'ignore' })
    this.child = child
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) =>
        reject(
          new Error(
            `redis-server must be installed for these tests (apt-get install redis-server): ${error.message}`,
          ),
        ),
      )
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    })
    failed.catch(() => {})
    while (!(await Promise.race([this.answers(), failed])))
      await new Promise((resolve) => setTimeout(resolve, 10))
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal)
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
  }

  /** What it had on disk is gone. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true })
    this.makeFolder()
  }

  async stop(): Promise<void> {
    RedisServer.started.delete(this)
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private makeFolder(): void {
    mkdirSync(this.folder, { recursive: true })
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1')
      const end = (isUp: boolean) => {
        socket.destroy()
        resolve(isUp)
      }
      socket.once('connect', () => socket.write('PING\r\n'))
      socket.once('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())))
      socket.once('error', () => end(false))
    })
  }
}
