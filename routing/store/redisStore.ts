import { PresageError, show } from '../../lib/errors'
import { readJson } from '../../lib/readJson'
import { RedisConnection } from '../../lib/redis/redisConnection'
import { type Head, isHead, remainsOf } from './head'
import { checkNodeName, isNodeReport, type NodeReport } from './lease'
import { isVersionInfo, type RuleSetVersion, type VersionInfo } from './ruleSetVersion'
import { RuleStore } from './ruleStore'
import type { SeenHead, StoreBackend } from './storeBackend'

export interface RedisStoreOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  readonly url: string
  /** Distinguishes deployments that share a Redis; default `rules`. */
  readonly name?: string
  /** How long a command may take, in milliseconds; default 500. */
  readonly commandTimeoutMs?: number
  /** Writes one line for the operator, such as that Redis is not persistent. */
  readonly warn?: (line: string) => void
  /** What messages call it; default `the rule store`. */
  readonly what?: string
}

/** Opens a store in Redis. It opens even while Redis is unreachable; until then every call is refused. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RuleStore> {
  const { name = 'rules' } = options
  const rights = `${userRights} ~presage:{${name}}:* &presage:{${name}}:*`
  const connection = new RedisConnection({ ...options, rights })
  await connection.open()
  return new RuleStore(new RedisBackend(connection, name))
}

const userRights = '+@read +@write +@pubsub +@scripting +@connection +time +info'

/**
 * All keys have the same hash slot, so that one script may write them:
 *
 *     presage:{NAME}:head         the head, as JSON
 *     presage:{NAME}:infos        a hash: number to version without text, as JSON
 *     presage:{NAME}:texts        a hash: number to text
 *     presage:{NAME}:nodes        a hash: node to `EXPIRY WRITER REPORT`, by Redis' clock, the report as JSON
 *     presage:{NAME}:changes      a channel: the head was replaced
 */
class RedisBackend implements StoreBackend {
  readonly kind = 'redis'
  private readonly head: string
  private readonly infos: string
  private readonly texts: string
  private readonly nodes: string
  private readonly changes: string

  constructor(
    private readonly redis: RedisConnection,
    name: string,
  ) {
    checkNodeName(name)
    const key = (end: string) => `presage:{${name}}:${end}`
    this.head = key('head')
    this.infos = key('infos')
    this.texts = key('texts')
    this.nodes = key('nodes')
    this.changes = key('changes')
  }

  async readHead(): Promise<SeenHead> {
    const text = await this.headText()
    if (text !== null) return this.seen(text)
    // Redis evicts one key without the other.
    const fields = await Promise.all(
      [this.infos, this.texts].map((key) => this.redis.call((client) => client.hkeys(key))),
    )
    // Who creates the store meanwhile writes its first version together with the head.
    const made = await this.headText()
    if (made !== null) return this.seen(made)
    return { head: remainsOf(fields.flat().filter(isVersionNumber).map(Number)), token: '' }
  }

  async commit(seen: SeenHead, next: Head, versions: readonly RuleSetVersion[]): Promise<boolean> {
    const added = versions.flatMap(({ text, ...info }) => [String(info.number), JSON.stringify(info), text])
    const answer = await this.redis.call((client) =>
      client.eval(
        commitScript,
        3,
        this.head,
        this.infos,
        this.texts,
        seen.token,
        JSON.stringify(next),
        this.changes,
        ...added,
      ),
    )
    return answer === 1
  }

  async readVersion(number: number): Promise<RuleSetVersion | undefined> {
    const [info, text] = await Promise.all(
      [this.infos, this.texts].map((key) => this.redis.call((client) => client.hget(key, String(number)))),
    )
    const read = info === null ? undefined : readJson(info)
    return isVersionInfo(read) && text !== null ? { ...read, text } : undefined
  }

  async hasVersion(number: number): Promise<boolean> {
    const found = await Promise.all(
      [this.infos, this.texts].map((key) => this.redis.call((client) => client.hexists(key, String(number)))),
    )
    return found.every((one) => one === 1)
  }

  async readInfos(): Promise<readonly VersionInfo[]> {
    const infos = await this.redis.call((client) => client.hvals(this.infos))
    // A broken one is told to those who read that version; it must not hide the others.
    return infos.map(readJson).filter(isVersionInfo)
  }

  async writeReport(report: NodeReport, ttlMs: number, writer: string): Promise<void> {
    const value = `${writer} ${JSON.stringify(report)}`
    await this.redis.call((client) =>
      client.eval(reportScript, 1, this.nodes, report.node, value, Math.ceil(ttlMs)),
    )
  }

  async readReports(): Promise<readonly NodeReport[]> {
    const reports = await this.redis.call((client) => client.eval(reportsScript, 1, this.nodes))
    return (reports as string[]).map(readJson).filter(isNodeReport)
  }

  async removeReport(node: string, writer: string): Promise<void> {
    await this.redis.call((client) => client.eval(removeScript, 1, this.nodes, node, writer))
  }

  watch(listener: () => void): () => void {
    return this.redis.subscribe(this.changes, listener)
  }

  dispose(): Promise<void> {
    return this.redis.close()
  }

  private headText(): Promise<string | null> {
    return this.redis.call((client) => client.get(this.head))
  }

  private seen(text: string): SeenHead {
    const head = readJson(text)
    if (isHead(head)) return { head, token: text }
    throw new PresageError(
      'STORE_UNREACHABLE',
      `${this.redis.name}: ${this.head} must be the head of a rule store, got ${show(text)}`,
    )
  }
}

function isVersionNumber(field: string): boolean {
  return /^[1-9]\d{0,14}$/.test(field)
}

/**
 * Versions are added first, so that the head points to nothing missing if Redis runs out of memory. What a script has
 * written stays if a later command fails, so a user who may not notify must not fail: nodes poll as well.
 */
const commitScript = `
if (redis.call('get', KEYS[1]) or '') ~= ARGV[1] then return 0 end
for i = 4, #ARGV, 3 do
  redis.call('hsetnx', KEYS[2], ARGV[i], ARGV[i + 1])
  redis.call('hsetnx', KEYS[3], ARGV[i], ARGV[i + 2])
end
redis.call('set', KEYS[1], ARGV[2])
redis.pcall('publish', ARGV[3], '')
return 1
`

/** Leases are timed by Redis' clock only, because the clocks of nodes may differ. */
const nowMs = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

const reportScript = `${nowMs}
redis.call('hset', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ' ' .. ARGV[2])
return 1
`

/** Writes in any case, though nothing if the report is another's: who may not write must be told. */
const removeScript = `
local value = redis.call('hget', KEYS[1], ARGV[1]) or ''
local isOwn = string.match(value, '^%d+ (%S+) ') == ARGV[2]
return redis.call('hdel', KEYS[1], isOwn and ARGV[1] or '')
`

/** What is over is only tidied up: who may not write, or a Redis that refuses writes, reads nevertheless. */
const reportsScript = `${nowMs}
local fields = redis.call('hgetall', KEYS[1])
local reports = {}
for i = 1, #fields, 2 do
  local expiry, report = string.match(fields[i + 1], '^(%d+) %S+ (.*)$')
  if tonumber(expiry or 0) > now then
    reports[#reports + 1] = report
  else
    redis.pcall('hdel', KEYS[1], fields[i])
  end
end
return reports
`
