import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { getHeapStatistics } from 'node:v8'
import { PresageError, show } from '../../lib/errors'
import { columnsType } from '../graphql/columnList'
import { readSentColumns } from '../graphql/entityColumns'
import { isResponseObject } from '../graphql/responseData'
import { HttpRefusal } from './httpRefusal'

/**
 * Reads a body. Throws BODY_TOO_LARGE as soon as it exceeds `maxBytes`, and what `held` throws, so that no more is kept in
 * memory; CANCELLED if the client goes away. If it throws, nothing is held any more; else release it.
 *
 * A long body, even one that is refused, is read a piece at a time, the next one when `later` calls back: the loop would
 * otherwise read as much of each connection in a turn as there is.
 */
export function readBody(
  message: IncomingMessage,
  maxBytes: number,
  held: BodyBytes,
  later: (resume: () => void) => void = setImmediate,
): Promise<Buffer> {
  return new Promise((resolve, reject) => takeBody(message, maxBytes, held, later, resolve, reject))
}

/** The same for the hot path: calls one of two functions instead, `refuse` perhaps at once. They must not throw. */
export function takeBody(
  message: IncomingMessage,
  maxBytes: number,
  held: BodyBytes,
  later: (resume: () => void) => void,
  take: (body: Buffer) => void,
  refuse: (error: unknown) => void,
): void {
  const reading = new BodyReading(message, maxBytes, held, later, take, refuse)
  ;(message as ReadMessage)[ofMessage] = reading
  message.on('data', onData).on('end', onEnd).on('close', onClose)
  reading.begin()
}

const ofMessage = Symbol('the reading of its body')

/** All messages have the same listeners. Some of its own would live as long as its request, which may wait for long. */
interface ReadMessage extends IncomingMessage {
  /** Undefined once the body is there. */
  [ofMessage]: BodyReading | undefined
}

function onData(this: IncomingMessage, chunk: Buffer): void {
  ;(this as ReadMessage)[ofMessage]!.add(chunk)
}

function onEnd(this: IncomingMessage): void {
  const reading = (this as ReadMessage)[ofMessage]!
  ;(this as ReadMessage)[ofMessage] = undefined
  reading.end()
}

function onClose(this: IncomingMessage): void {
  ;(this as ReadMessage)[ofMessage]?.close()
}

class BodyReading {
  /** Most bodies come in one chunk. */
  private first: Buffer | undefined
  private others: Buffer[] | undefined
  private bytes = 0
  /** What it takes of the memory. */
  private weight = 0
  private isRefused = false

  constructor(
    private readonly message: IncomingMessage,
    private readonly maxBytes: number,
    private readonly held: BodyBytes,
    private readonly later: (resume: () => void) => void,
    private readonly take: (body: Buffer) => void,
    private readonly fail: (error: unknown) => void,
  ) {}

  begin(): void {
    if (Number(this.message.headers['content-length']) > this.maxBytes) this.refuse(this.tooLarge())
  }

  add(chunk: Buffer): void {
    const { message } = this
    this.bytes += chunk.length
    this.weight += chunk.length + chunkBytes
    if (!this.isRefused) this.keep(chunk)
    if (this.weight <= unpacedBytes || message.complete) return
    message.pause()
    this.later(() => message.resume())
  }

  private keep(chunk: Buffer): void {
    try {
      if (this.bytes > this.maxBytes) throw this.tooLarge()
      this.held.grow(this.weight)
    } catch (error) {
      this.refuse(error)
      return
    }
    if (this.first === undefined) this.first = chunk
    else {
      this.others ??= [this.first]
      this.others.push(chunk)
    }
  }

  end(): void {
    const { first, others } = this
    if (!this.isRefused) this.take(others === undefined ? (first ?? noBytes) : Buffer.concat(others))
  }

  /**
   * Called unless the end has been read before, even if it has come. The only error of a request is a lost connection,
   * and 'close' follows that.
   */
  close(): void {
    if (!this.isRefused) this.refuse(new PresageError('CANCELLED', 'body: the client went away'))
  }

  private refuse(error: unknown): void {
    this.isRefused = true
    this.first = undefined
    this.others = undefined
    this.held.release()
    this.fail(error)
  }

  private tooLarge(): PresageError {
    const { maxBytes } = this
    return new PresageError('BODY_TOO_LARGE', `body: must be at most ${maxBytes} bytes, got more`, {
      maxBytes,
    })
  }
}

const noBytes = Buffer.alloc(0)
/** So much of a body is read as it comes. */
const unpacedBytes = 131_072
/** What a piece takes beside its bytes: a client may send each byte as a chunk of its own. */
const chunkBytes = 450

/** Parses a body of one of the types that are read. Throws BAD_REQUEST if it is not JSON in UTF-8 or does not parse. */
export function parseBody({ headers }: Pick<IncomingMessage, 'headers'>, body: Buffer | string): unknown {
  const text = typeof body === 'string' ? body : textOf(body)
  try {
    return headers['content-type'] === columnsType ? readSentColumns(text) : JSON.parse(text)
  } catch (error) {
    throw new PresageError('BAD_REQUEST', `body: must be JSON, got ${(error as SyntaxError).message}`)
  }
}

/** The text without a byte order mark, which some clients send. Throws BAD_REQUEST if it is not UTF-8. */
function textOf(whole: Buffer): string {
  const text = whole.toString('utf8')
  // What is not UTF-8 becomes this character, and models would read it.
  if (text.includes('\ufffd') && !isUtf8(whole))
    throw new PresageError('BAD_REQUEST', 'body: must be JSON in UTF-8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/**
 * Throws if a body is no operation and no list of operations, or lists more than it may. Apollo Server would look at each
 * of a list when others run already, and refuse the whole list then.
 */
export function checkOperations(body: unknown, maximum: number): void {
  if (!Array.isArray(body)) {
    checkOperation(body, '')
    return
  }
  const count = body.length
  if (maximum === 1 || count > maximum) {
    throw new PresageError(
      'OPERATION_TOO_LARGE',
      maximum === 1
        ? `body: must be one operation, got a list of ${count}; batching is off (limits.operations is 1)`
        : `body: may hold at most ${maximum} operations, got ${count}`,
      { limit: 'operations', count, maximum },
    )
  }
  for (let at = 0; at < count; at++) checkOperation(body[at], `.${at}`)
}

function checkOperation(operation: unknown, place: string): void {
  if (!isResponseObject(operation) || isEmpty(operation))
    throw new PresageError(
      'BAD_REQUEST',
      `body${place}: must be an object with a query, such as {"query":"{ __typename }"}, got ${Array.isArray(operation) ? 'a list' : show(operation)}`,
    )
  const { query, operationName, variables, extensions } = operation
  if (!isText(query)) throw unfit(`${place}.query`, 'text', query)
  if (!isText(operationName)) throw unfit(`${place}.operationName`, 'text', operationName)
  if (!isObject(variables)) throw unfit(`${place}.variables`, 'an object', variables)
  if (!isObject(extensions)) throw unfit(`${place}.extensions`, 'an object', extensions)
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}

/** Null is as good as nothing. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || value === undefined || value === null
}

function isObject(value: unknown): boolean {
  return value === undefined || value === null || isResponseObject(value)
}

function unfit(place: string, expected: string, value: unknown): PresageError {
  return new PresageError('BAD_REQUEST', `body${place}: must be ${expected}, got ${show(value)}`)
}

/** Throws an HttpRefusal with status 415 unless it is JSON in UTF-8, or columns. */
export function requireType(message: IncomingMessage): void {
  const type = message.headers['content-type'] ?? ''
  if (type === columnsType) return
  if (type === 'application/json' && message.headers['content-encoding'] === undefined) return
  const [media, ...parameters] = type.split(';').map((part) => part.trim().toLowerCase())
  if (media !== 'application/json') {
    throw new HttpRefusal(415, `content-type: must be application/json, got ${show(type)}`)
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new HttpRefusal(415, `content-type: must be in UTF-8, got ${show(type)}`)
  }
  const encoding = message.headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new HttpRefusal(415, `content-encoding: must be absent, got ${show(encoding)}`)
  }
}

/**
 * Bounds the memory of all bodies that are read and not yet parsed: connections are many, and none of the other limits
 * applies to a request that has not come whole.
 *
 * A client may hold as much as it leaves to others, so one that sends nothing but beginnings gets half of it at most, the
 * next one a quarter (dynamic thresholds, Choudhury and Hahne, 1998). The first bytes of a body do not count: a request
 * of usual length depends on nobody.
 */
export class BodyMemory {
  private held = 0
  private readonly clients = new Map<string, number>()

  constructor(
    /** In bytes, for all bodies together. */
    readonly most: number,
    /** How many bytes of each body do not count. */
    readonly free = 16_384,
  ) {}

  open(client: string): BodyBytes {
    return new BodyBytes(this, client, this.free)
  }

  /** Returns whether there is room. */
  take(client: string, bytes: number): boolean {
    const own = (this.clients.get(client) ?? 0) + bytes
    const held = this.held + bytes
    if (own > this.most - held) return false
    this.clients.set(client, own)
    this.held = held
    return true
  }

  release(client: string, bytes: number): void {
    const own = this.clients.get(client)! - bytes
    if (own > 0) this.clients.set(client, own)
    else this.clients.delete(client)
    this.held -= bytes
  }
}

export class BodyBytes {
  private counted = 0

  constructor(
    private readonly memory: BodyMemory,
    private readonly client: string,
    private readonly free: number,
  ) {}

  /** Call with the length of what has come so far. Throws OVERLOADED if that is too much. */
  grow(length: number): void {
    const more = length - this.free - this.counted
    if (more <= 0) return
    if (!this.memory.take(this.client, more)) throw noRoom
    this.counted += more
  }

  /** Call once the body is parsed or given up; again does no harm. */
  release(): void {
    if (this.counted > 0) this.memory.release(this.client, this.counted)
    this.counted = 0
  }
}

const noRoom = new PresageError(
  'OVERLOADED',
  'body: too many long bodies of this client are on their way, or of all clients',
)

/** This process's: a quarter of the heap limit. */
export const bodyMemory = new BodyMemory(getHeapStatistics().heap_size_limit / 4)
