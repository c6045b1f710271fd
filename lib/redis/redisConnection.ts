import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type Callback, Redis, type RedisOptions } from 'ioredis'
import { PresageError } from '../errors'
import { handshakeProblem, wantsCertificate } from '../tls/handshakeProblem'
import { persistenceWarnings } from './redisPersistence'

export interface RedisConnectionOptions {
  readonly url: string
  readonly commandTimeoutMs?: number
  readonly warn?: (line: string) => void
  /** What Redis is used for, for messages; default the rule store. */
  readonly what?: string
  /** What its user may have to be given, as in `ACL SETUSER`, for messages. */
  readonly rights?: string
}

/**
 * Two connections to one Redis: one for commands and one to listen. Nothing waits for a Redis that is unreachable: a
 * command is answered within its timeout or refused. No command is sent twice, since the first may have been executed.
 * In a cluster, commands go to the node that has the keys, all of which must be in one slot.
 */
export class RedisConnection {
  /** What it is used for, and the address of Redis, without user and password. */
  readonly name: string
  private readonly timeoutMs: number
  private readonly client: Redis
  private subscriber: Redis | undefined
  /** While the connection goes to another node of a cluster; settles when it is there, or it has taken too long. */
  private moving: Promise<void> | undefined
  private readonly listeners = new Map<string, Set<() => void>>()
  private isChecked = false
  private isRefused = false
  private readonly silence: string
  /** What to add where a connection is cut; nothing once Redis has been ready. */
  private cutHint: string
  private lastError: string

  constructor(private readonly options: RedisConnectionOptions) {
    const { host, pathname, protocol, password } = new URL(options.url)
    this.name = `${options.what ?? 'the rule store'} at ${host}${pathname === '/' ? '' : pathname}`
    // A Redis without TLS waits for the rest of what it takes for a command.
    this.silence = `has not answered${protocol === 'rediss:' ? '; rediss:// needs a Redis that speaks TLS' : ''}`
    // One with TLS cuts a connection that begins without, or without a certificate of the client, and one in protected mode
    // those of other machines.
    this.cutHint =
      protocol === 'rediss:'
        ? certificateHint
        : '; its port may speak TLS, which needs rediss://, or Redis may be in protected mode'
    this.lastError = this.silence
    this.timeoutMs = options.commandTimeoutMs ?? 500
    this.client = this.connection({ commandTimeout: this.timeoutMs })
    // The first error of an attempt is the cause, such as a wrong password; later ones are consequences.
    let isFirst = true
    this.client.on('connecting', () => {
      isFirst = true
    })
    this.client.on('error', (error: NodeJS.ErrnoException) => {
      // A database is selected before the answer to the password is there.
      if (password !== '' && error.message.startsWith('NOAUTH')) return
      if (isFirst) this.lastError = this.reasonOf(error)
      isFirst = false
    })
    this.client.on('ready', () => {
      this.lastError = closed
      this.cutHint = ''
      void this.checkPersistence()
    })
  }

  /** Resolves when Redis has connected, has refused once, or has taken too long. */
  async open(): Promise<void> {
    const connected = this.client.connect().catch(() => {})
    await Promise.race([connected, pause(2 * this.timeoutMs, undefined, { ref: false })])
  }

  /** Throws STORE_UNREACHABLE for any failure. */
  async call<T>(act: (client: Redis) => Promise<T>): Promise<T> {
    try {
      if (this.moving) await this.moving
      return await act(this.client).catch(async (error: Error) => {
        if (!this.moving || !movedTo(error)) throw error
        await this.moving
        return act(this.client)
      })
    } catch (error) {
      const isAway = this.client.status !== 'ready'
      const why = isAway ? this.lastError : this.withRights(reasonOfCall((error as Error).message))
      throw new PresageError('STORE_UNREACHABLE', `${this.name}: ${why}`)
    }
  }

  /** Calls the listener for every message of a channel, and when a message may have been missed. */
  subscribe(channel: string, listener: () => void): () => void {
    const listeners = this.listeners.get(channel) ?? new Set()
    this.listeners.set(channel, listeners.add(listener))
    this.subscriber ??= this.openSubscriber()
    if (this.subscriber.status === 'ready') this.listenTo(channel)
    return () => {
      listeners.delete(listener)
    }
  }

  async close(): Promise<void> {
    this.listeners.clear()
    this.client.disconnect()
    this.subscriber?.disconnect()
  }

  private openSubscriber(): Redis {
    // Nobody waits for it, and an answer that is late is one: its listeners are told then.
    const subscriber = this.connection({})
    subscriber.on('ready', () => {
      for (const channel of this.listeners.keys()) this.listenTo(channel)
    })
    subscriber.on('message', (channel: string) => this.tell(channel))
    subscriber.connect().catch(() => {})
    return subscriber
  }

  private listenTo(channel: string): void {
    this.subscriber
      ?.subscribe(channel)
      .then(() => this.tell(channel))
      // Without a subscription, regular polls find changes, and the next connection tries again.
      .catch((error: Error) => this.cannotListen(channel, error))
  }

  /** Only a refusal lasts, such as that of a user who has no right to the channel. */
  private cannotListen(channel: string, error: Error): void {
    if (this.isRefused || error.name !== 'ReplyError') return
    this.isRefused = true
    this.options.warn?.(
      `${this.name}: the channel ${channel} cannot be listened to (${this.withRights(error.message)}), so changes are seen by polling only`,
    )
  }

  private tell(channel: string): void {
    for (const listener of this.listeners.get(channel) ?? []) listener()
  }

  private connection(settings: RedisOptions): Redis {
    let target: Address | undefined
    const redis: Redis = new Redis(this.options.url, {
      ...settings,
      // Proxies and old servers that do not know the later one answer it in many ways.
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2 * this.timeoutMs,
      // Closes a connection that is open but silent, because Redis hangs or its address has moved.
      socketTimeout: 4 * this.timeoutMs,
      keepAlive: 5000,
      maxLoadingRetryTime: 1000,
      // Once is enough where many commands are refused.
      reconnectOnError: (error: Error) => {
        if (!redis.stream.writable) return false
        target = movedTo(error)
        if (target) this.moving = this.arrival(redis)
        // The former primary may be a replica now, with the address leading to another server.
        return target !== undefined || withoutPlace(error.message).startsWith('READONLY')
      },
      retryStrategy: (times: number) => {
        // From another node that is lost, back to the URL's, which knows who has the keys now.
        Object.assign(redis.options, home, target)
        target = undefined
        return Math.min(25 * 2 ** Math.min(times, 10), 1000)
      },
    } satisfies RedisOptions)
    const { host, port } = redis.options
    const home = { host, port }
    // With a listener, ioredis does not write errors to the console. It would go on in database 0 where the URL's database
    // cannot be selected, beside whoever uses that one.
    redis.on('error', () => {
      if (redis.status === 'connect') redis.disconnect(true)
    })
    // The library asks whether Redis is still loading. Where the user has no right to that, it would write to the console.
    const info = redis.info.bind(redis) as (done: Callback<string>) => Promise<string>
    redis.info = ((done: Callback<string>) =>
      info((error, text) => done(error?.message.startsWith('NOPERM') ? null : error, text))) as Redis['info']
    return redis
  }

  private async arrival(redis: Redis): Promise<void> {
    const late = pause(2 * this.timeoutMs, undefined, { ref: false })
    await Promise.race([once(redis, 'ready').catch(() => {}), late])
    this.moving = undefined
  }

  private reasonOf(error: NodeJS.ErrnoException): string {
    const { message, code } = error
    const name = new URL(this.options.url).hostname
    const refusal = handshakeProblem(error, { name, authorities: "Node's list or NODE_EXTRA_CA_CERTS" })
    if (refusal === wantsCertificate) return `${closed}${certificateHint}`
    if (refusal !== undefined) return refusal
    // Whether reading, writing or TLS notices first, the words are the same, so that logs tell of it once.
    if (code === 'ECONNRESET' || code === 'EPIPE') return `${closed}${this.cutHint}`
    if (code === 'ETIMEDOUT') return this.silence
    // In the words that commands have failed with before, so that logs do not tell of it twice.
    if (message.startsWith('Socket timeout')) return 'Command timed out'
    // The library asks to report what it cannot parse, which is what another server answers.
    if (message.endsWith('Please report this.')) return 'what answers there is no Redis'
    return this.withRights(message || code || 'cannot be reached')
  }

  /** Before Redis 7, a script whose user lacks a right does not say which. */
  private withRights(message: string): string {
    const { rights } = this.options
    const lacksOne = /^NOPERM|^ERR The user executing the script/.test(message)
    return rights !== undefined && lacksOne ? `${message}; its user needs ${rights}` : message
  }

  private async checkPersistence(): Promise<void> {
    const { warn } = this.options
    if (this.isChecked || warn === undefined) return
    this.isChecked = true
    const setting = async (name: string) => ((await this.client.config('GET', name)) as string[])[1] ?? ''
    for (const line of await persistenceWarnings(setting)) warn(`${this.name}: ${line}`)
  }
}

interface Address {
  /** Absent: the same. */
  readonly host?: string
  readonly port: number
}

/** Where a node of a cluster says that the keys are. It has executed nothing then. */
function movedTo({ message }: Error): Address | undefined {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(message) ?? []
  return port === undefined ? undefined : { ...(host && { host }), port: Number(port) }
}

const closed = 'has closed the connection'
const certificateHint =
  '; it may want a certificate, and Presage has none for Redis: set tls-auth-clients no there'

/** A connection that is just being closed counts as ready until it is closed. */
function reasonOfCall(message: string): string {
  return message.startsWith("Stream isn't writeable") ? 'is not connected' : withoutPlace(message)
}

/**
 * What Redis says, without the place in a script of ours where it said so, which Redis 7 puts behind the sentence and
 * Redis 6 before it.
 */
function withoutPlace(message: string): string {
  return message
    .replace(/^ERR Error running script \(call to f_[0-9a-f]+\): (@user_script: ?\d+: )*-?/, '')
    .replace(/ script: [0-9a-f]+, on @user_script:\d+\.$/, '')
}
