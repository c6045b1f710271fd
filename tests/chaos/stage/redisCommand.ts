import { Redis } from 'ioredis'

/** Has a Redis of this machine do one thing. */
export async function redisCommand(port: number, name: string, ...args: string[]): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true })
  try {
    await client.connect()
    await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}
