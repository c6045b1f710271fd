import { envelopeHeader } from '../../lib/request/envelope'
import { callsHeader, callsType, FrameReader, frameText, mostCalls } from '../graphql/callFrames'
import { columnsHeader } from '../graphql/entityColumns'
import type { ConnectionPool, Done, Receiver } from './connectionPool'
import { isConnectionLoss, passingStatuses } from './retrying'

type Headers = Readonly<Record<string, string>>

/**
 * Posts calls of the same turn of the event loop together, if the subgraph takes that.
 *
 *     unknown ──(it says so with an answer)──> together ──(a connection is lost, or it is in trouble)──> unknown
 *        └──(it does not)──> one by one <──(it refuses)──┘
 */
export class CallBatches {
  private mode: 'unknown' | 'together' | 'one by one' = 'unknown'
  private waiting: Call[] = []
  private length = 0

  constructor(
    private readonly pool: ConnectionPool,
    private readonly maxAnswerBytes: number,
  ) {}

  /** As the pool's. */
  post(body: string, headers: Headers, done: Done): () => void {
    if (this.mode !== 'together') return this.postAlone(body, headers, done)
    // A proxy may do something for a header that it knows, and must see it.
    for (const name in headers) if (!ownHeaders.has(name)) return this.postAlone(body, headers, done)
    const call = new Call(body, headers, done)
    if (this.waiting.length === mostCalls || this.length + body.length > mostLength) this.flush()
    if (this.waiting.push(call) === 1) setImmediate(this.flush)
    this.length += body.length
    return () => call.abort()
  }

  private postAlone(body: string, headers: Headers, done: Done): () => void {
    if (this.mode === 'one by one') return this.pool.post(body, headers, done)
    return this.pool.post(body, { ...headers, [callsHeader]: '1' }, (error, answer) => {
      const isKnown = answer !== undefined && (answer.takesCalls || !saysNothing(answer.status))
      if (isKnown && this.mode === 'unknown') this.mode = answer.takesCalls ? 'together' : 'one by one'
      done(error, answer)
    })
  }

  private readonly flush = (): void => {
    const calls = this.waiting.filter(({ isAborted }) => !isAborted)
    this.waiting = []
    this.length = 0
    if (calls.length > 1) new Batch(this, this.maxAnswerBytes, calls).postBy(this.pool)
    else for (const call of calls) call.postBy(this.pool)
  }

  /** Called when a connection is lost: another version may answer on the next. */
  lost(): void {
    this.mode = 'unknown'
  }

  /** Called when the server answers a batch in another way. The calls are posted one by one. */
  refused(calls: readonly Call[], status: number): void {
    this.mode = saysNothing(status) ? 'unknown' : 'one by one'
    for (const call of calls) call.postBy(this.pool)
  }
}

class Call {
  isAborted = false
  /** Aborts what it has been posted with. */
  onAbort = () => {}

  constructor(
    readonly body: string,
    readonly headers: Headers,
    readonly done: Done,
  ) {}

  get text(): string {
    const { [envelopeHeader]: envelope, [columnsHeader]: columns, 'content-type': type } = this.headers
    return frameText({ envelope, columns, type }, this.body)
  }

  postBy(pool: ConnectionPool): void {
    if (!this.isAborted) this.onAbort = pool.post(this.body, this.headers, this.done)
  }

  abort(): void {
    this.isAborted = true
    this.onAbort()
  }
}

/** Several calls in one request. Calls are told as their answers come. */
class Batch implements Receiver {
  private readonly open: Map<number, Call>
  private readonly frames: FrameReader
  private status = 0
  private type: unknown
  private abort = () => {}
  private pool: ConnectionPool | undefined
  /** The body of a response that is of another type. */
  private refusal = ''

  constructor(
    private readonly owner: CallBatches,
    maxAnswerBytes: number,
    calls: readonly Call[],
  ) {
    this.open = new Map(calls.entries())
    this.frames = new FrameReader(
      maxAnswerBytes,
      (head, body) => this.answer(head, body),
      (head) => this.abandon(head),
    )
  }

  postBy(pool: ConnectionPool): void {
    const body = Array.from(this.open.values(), ({ text }) => text).join('')
    this.pool = pool
    this.abort = pool.stream(body, { 'content-type': callsType }, this)
    for (const [number, call] of this.open) call.onAbort = () => this.leave(number)
  }

  /** Takes a call out whose answer nobody waits for. */
  private leave(number: number): void {
    this.open.delete(number)
    if (this.open.size === 0) this.abort()
  }

  start(status: number, headers: Readonly<Record<string, unknown>>): void {
    this.status = status
    this.type = headers['content-type']
  }

  take(chunk: Buffer): void {
    if (this.type === callsType) this.frames.push(chunk)
    else if (this.refusal.length < mostLength) this.refusal += chunk.toString()
  }

  private answer(
    { call: number, status, type, columns }: Readonly<Record<string, unknown>>,
    text: string,
  ): void {
    const call = this.open.get(number as number)
    this.open.delete(number as number)
    const answer = { status: Number(status), contentType: String(type), text, takesColumns: columns === '1' }
    call?.done(undefined, { ...answer, takesCalls: true })
  }

  /** Of a call whose answer is too long. The others may still have theirs. */
  private abandon({ call: number }: Readonly<Record<string, unknown>>): void {
    const call = this.open.get(number as number)
    this.leave(number as number)
    call?.done(this.pool?.answerTooLong(), undefined)
  }

  end(): void {
    const calls = this.taken()
    if (this.type === callsType) {
      const error = new Error('must answer each call of a request, got fewer answers')
      for (const call of calls) call.done(error, undefined)
    } else if (!passingStatuses.has(this.status)) this.owner.refused(calls, this.status)
    else {
      const { status, type, refusal: text } = this
      const answer = { status, contentType: String(type), text, takesColumns: false, takesCalls: true }
      for (const call of calls) call.done(undefined, answer)
    }
  }

  fail(error: Error): void {
    if (isConnectionLoss(error)) this.owner.lost()
    for (const call of this.taken()) call.done(error, undefined)
  }

  /** Takes out the calls that have no answer. */
  private taken(): readonly Call[] {
    const calls = [...this.open.values()]
    this.open.clear()
    return calls
  }
}

/** A server that has too much to do, or fails, and a proxy without its server, answer so whatever they are asked. */
function saysNothing(status: number): boolean {
  return status === 429 || status >= 500
}

const ownHeaders: ReadonlySet<string> = new Set([envelopeHeader, columnsHeader, 'content-type'])

/** In characters, for all bodies of a batch. */
const mostLength = 256 * 1024
