import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, encode, type RecordType } from 'dns-packet'

/** A DNS server of a test's own, at a free port of the loopback. It speaks UDP. */
export interface DnsServer {
  /** `127.0.0.1:port` */
  readonly address: string
  /** How many questions for SRV or IPv4 addresses have come. */
  readonly questions: () => number
  /** The records of a name; none makes it unknown. SRV records are written `host:port`. */
  set(type: 'A' | 'AAAA' | 'SRV', name: string, records: readonly string[]): void
  /** Has it fail every question. */
  setFailing(isFailing: boolean): void
  close(): Promise<void>
}

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const records = new Map<string, readonly string[]>()
  let isFailing = false
  let questions = 0
  const knows = (name: string) => [...records.keys()].some((key) => key.endsWith(` ${name}`))
  socket.on('message', (message, { port, address }) => {
    const { id, questions: asked = [] } = decode(message)
    const [{ type, name }] = asked
    if (type !== 'AAAA') questions++
    const rcode = isFailing ? 2 : knows(name) ? 0 : 3
    const found = isFailing ? [] : (records.get(`${type} ${name}`) ?? [])
    const answers = found.map((record) => answerOf(type, name, record))
    const flags = 0x0580 | rcode
    socket.send(
      encode({ type: 'response', ...(id !== undefined && { id }), flags, questions: asked, answers }),
      port,
      address,
    )
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions: () => questions,
    set(type, name, list) {
      if (list.length > 0) records.set(`${type} ${name}`, list)
      else records.delete(`${type} ${name}`)
    },
    setFailing(next) {
      isFailing = next
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function answerOf(type: RecordType, name: string, record: string): Answer {
  if (type !== 'SRV') return { type: type as 'A' | 'AAAA', name, ttl: 0, data: record }
  const [target, port] = record.split(':')
  return { type, name, ttl: 0, data: { target, port: Number(port), priority: 0, weight: 0 } }
}
