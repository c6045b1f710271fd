import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { RedisConnection } from '../../../lib/redis/redisConnection'
import { Authority } from '../../support/certificates'
import { freePort } from '../../support/freePort'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'

/** Something at the address of a Redis that is none. */
let server: Server
let answer: Buffer
const sockets = new Set<Socket>()
let connection: RedisConnection
/** As long as a machine may stand still. */
const commandTimeoutMs = 60_000

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  connection = new RedisConnection({ url: `redis://127.0.0.1:${port}`, commandTimeoutMs })
})
afterEach(async () => {
  await connection.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})

test.each([
  ['lists nested without an end', '*1\r\n'.repeat(200_000)],
  ['a page', 'HTTP/1.1 400 Bad Request\r\n\r\n<html>'],
])('%s in place of an answer end the connection, not the process', async (_, sent) => {
  answer = Buffer.from(sent)
  await connection.open()
  await expect(connection.call((client) => client.get('a'))).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringMatching(/^the rule store at 127.0.0.1:\d+: what answers there is no Redis$/),
  })
})

test('a Redis without TLS at a URL with rediss:// is told as one that may speak no TLS', async () => {
  const redis = await RedisServer.start()
  const secure = new RedisConnection({ url: redis.url.replace('redis:', 'rediss:'), commandTimeoutMs: 100 })
  try {
    await secure.open()
    await expect(secure.call((client) => client.get('a'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: `the rule store at 127.0.0.1:${redis.port}: has not answered; rediss:// needs a Redis that speaks TLS`,
    })
  } finally {
    await secure.close()
    await RedisServer.stopAll()
  }
})

test.each([
  [
    'redis:',
    'is told as one that may speak TLS',
    /: has closed the connection; its port may speak TLS, which needs rediss:\/\/, or Redis may be in protected mode$/,
  ],
  [
    'rediss:',
    'whose authority Node does not know, is told with where to name it',
    /: its certificate must be of an authority in Node's list or NODE_EXTRA_CA_CERTS, got another \(\w+\)$/,
  ],
])('a Redis with TLS, at a URL with %s, %s', async (protocol, _, told) => {
  const authority = new Authority('redis')
  const { cert, key } = authority.issue('IP:127.0.0.1')
  const port = await freePort()
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', authority.cert]
  await RedisServer.start(['--tls-port', String(port), ...files])
  const used = new RedisConnection({ url: `${protocol}//127.0.0.1:${port}`, commandTimeoutMs })
  try {
    await used.open()
    await expect(used.call((client) => client.get('a'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: expect.stringMatching(told),
    })
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})

test('whichever way a connection is seen to be cut, it is told in the same words', async () => {
  const failures = [
    new Error('read ECONNRESET'),
    new Error('write EPIPE'),
    new Error('tlsv13 alert certificate required'),
  ]
  for (const [at, code] of ['ECONNRESET', 'EPIPE', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'].entries())
    Object.assign(failures[at], { code })
  const secure = new RedisConnection({ url: 'rediss://redis.example' })
  const words = failures.map((failure) => secure['reasonOf'](failure))
  expect(new Set(words)).toEqual(
    new Set([
      'has closed the connection; it may want a certificate, and Presage has none for Redis: set tls-auth-clients no there',
    ]),
  )
  await secure.close()
})

describe('what Redis refuses is told in its words, without the place in a script', () => {
  let redis: RedisServer
  let used: RedisConnection
  const refusalOf = (script: string, ...values: string[]) =>
    used
      .call((client) => client.eval(script, 1, 'a', ...values))
      .then(String, (error: Error) => error.message.replace(/^the rule store at \S+: /, ''))

  beforeAll(async () => {
    redis = await RedisServer.start()
    used = new RedisConnection({ url: redis.url, commandTimeoutMs })
    await used.open()
  })
  afterAll(async () => {
    await used.close()
    await RedisServer.stopAll()
  })

  test('of this Redis', async () => {
    await used.call((client) => client.set('a', 'text'))
    expect(await refusalOf(`return redis.call('hget', KEYS[1], 'b')`)).toBe(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
    await used.call((client) => client.config('SET', 'maxmemory', '1'))
    expect(await refusalOf(`return redis.call('set', KEYS[1], 'b')`)).toBe(
      "OOM command not allowed when used memory > 'maxmemory'.",
    )
  })

  test.each(['@user_script:7: ', '@user_script: 7: -', '@user_script:7: @user_script: 7: '])(
    'of Redis 6, which puts it first: %s',
    async (place) => {
      const sentence = "READONLY You can't write against a read only replica."
      const told = `ERR Error running script (call to f_129ae77e8757d489): ${place}${sentence}`
      const connection = async () => used.call((client) => client.client('ID'))
      const before = await connection()
      expect(await refusalOf('return redis.error_reply(ARGV[1])', told)).toBe(sentence)
      // The address may lead to another server by now.
      await until(async () => (await connection().catch(() => before)) !== before)
    },
  )
})

test('a connection whose commands are answered waits for nothing: an idle one is not cut as silent', async () => {
  const redis = await RedisServer.start()
  const used = new RedisConnection({ url: redis.url, commandTimeoutMs })
  try {
    await used.open()
    const client = await used.call(async (own) => own)
    for (let round = 0; round < 3; round++) {
      const commands = Array.from({ length: 50 }, (_, key) => used.call((own) => own.get(String(key))))
      await Promise.all(commands)
      // What reads answers. Another one would be that of the timer for the next answer.
      expect(client.stream.listenerCount('data')).toBe(1)
    }
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})

test('a command on a connection that is being closed says so in words of ours', async () => {
  const redis = await RedisServer.start()
  const closing = new RedisConnection({ url: redis.url, commandTimeoutMs })
  await closing.open()
  const asked = closing.call((client) => {
    client.stream.end()
    return client.get('a')
  })
  await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(/: is not connected$/) })
  await closing.close()
  await RedisServer.stopAll()
})

test('a connection that is cut while a command waits does not have the next one cut as silent', async () => {
  const redis = await RedisServer.start()
  const used = new RedisConnection({ url: redis.url, commandTimeoutMs: 200 })
  try {
    await used.open()
    const client = await used.call(async (own) => own)
    redis.signal('SIGSTOP')
    const waiting = used.call((own) => own.get('a')).catch(() => {})
    await redis.kill()
    await waiting
    await redis.start()
    await until(() => client.status === 'ready')
    const { stream } = client
    // When the first one would have been cut.
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(client.stream === stream && stream.writable).toBe(true)
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})

test('a replica that refuses many commands at once is left once', async () => {
  const redis = await RedisServer.start()
  const used = new RedisConnection({ url: redis.url, commandTimeoutMs })
  try {
    await used.open()
    const client = await used.call(async (own) => own)
    await client.replicaof('127.0.0.1', '1')
    const { stream } = client
    const listeners = stream.listenerCount('close')
    const pipeline = client.pipeline()
    for (let key = 0; key < 50; key++) pipeline.set(String(key), 'a')
    const refused = (await used.call(() => pipeline.exec())) ?? []
    expect(refused.filter(([error]) => error?.message.startsWith('READONLY'))).toHaveLength(50)
    expect(stream.listenerCount('close')).toBe(listeners + 1)
    await until(() => client.stream !== stream && client.status === 'ready')
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})

test('who subscribes is told as soon as Redis has taken it up, however late', async () => {
  const redis = await RedisServer.start()
  const used = new RedisConnection({ url: redis.url, commandTimeoutMs: 200 })
  const told: string[] = []
  try {
    await used.open()
    used.subscribe('a', () => told.push('a'))
    await until(() => told.includes('a'))
    redis.signal('SIGSTOP')
    used.subscribe('b', () => told.push('b'))
    // Longer than a command may take, and less than a connection may be silent.
    await new Promise((resolve) => setTimeout(resolve, 400))
    redis.signal('SIGCONT')
    await until(() => told.includes('b'))
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})

test('a Redis that hangs is told in the same words before and after its connection is given up', async () => {
  const redis = await RedisServer.start()
  const used = new RedisConnection({ url: redis.url, commandTimeoutMs: 200 })
  try {
    await used.open()
    const client = await used.call(async (own) => own)
    await until(() => client.status === 'ready')
    const { stream } = client
    const told = new Set<string>()
    redis.signal('SIGSTOP')
    await until(async () => {
      await used.call((own) => own.get('a')).catch(({ message }: Error) => told.add(message))
      return client.stream !== stream
    })
    expect([...told]).toEqual([`the rule store at 127.0.0.1:${redis.port}: Command timed out`])
  } finally {
    await used.close()
    await RedisServer.stopAll()
  }
})
