import type { IncomingMessage, ServerResponse } from 'node:http'
import { PresageError } from '../../lib/errors'
import { envelopeHeader } from '../../lib/request/envelope'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import { callsHeader, callsType, FrameReader, frameText, mostCalls } from '../graphql/callFrames'
import { columnsHeader } from '../graphql/entityColumns'
import { bodyMemory, readBody } from '../http/requestBody'
import { boundReading, mostUnbounded, sendRefusal } from '../http/sendAnswer'
import { type CallAnswer, CallResponse } from './callResponse'
import { type GraphqlEndpoint, GraphqlExchange } from './graphqlExchange'

/**
 * Several calls of a gateway in one HTTP request. Each becomes an exchange of its own, with its own envelope, limits and
 * report; their answers leave together where they are ready in the same turn of the event loop.
 */
export class CallBatch {
  private readonly responses: CallResponse[] = []
  private open = 0
  private isRead = false
  /** Answers for the end of this turn. */
  private ready = ''
  /** How much has been given to the connection, in characters. */
  private given = 0

  constructor(
    private readonly endpoint: GraphqlEndpoint,
    private readonly message: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  begin(): void {
    const { message, response, endpoint } = this
    response.on('close', () => {
      for (const one of this.responses) one.destroy()
    })
    // Who asks is in the calls.
    const client = message.socket.remoteAddress ?? ''
    const held = bodyMemory.open(client)
    readBody(message, endpoint.maxBodyBytes, held, (resume) => loopTurn.later(client, resume)).then(
      (body) => {
        held.release()
        this.read(body)
      },
      (error) => this.refuse(error),
    )
  }

  private read(body: Buffer): void {
    const calls: [head: Readonly<Record<string, unknown>>, body: string][] = []
    const frames = new FrameReader(this.endpoint.maxBodyBytes, (head, body) => {
      if (calls.push([head, body]) > mostCalls)
        throw new Error(`must be at most ${mostCalls} calls, got more`)
    })
    try {
      frames.push(body)
      if (!frames.isComplete) throw new Error('must end with a whole frame')
    } catch (error) {
      this.refuse(error)
      return
    }
    for (const [head, body] of calls) this.start(head, body)
    this.isRead = true
    if (this.open === 0) this.schedule()
  }

  private start({ envelope, columns, type }: Readonly<Record<string, unknown>>, body: string): void {
    const { endpoint, message, responses } = this
    // Only these: what a proxy removes or adds for others must stay as it came.
    const headers = {
      ...message.headers,
      'content-type': typeof type === 'string' ? type : 'application/json',
      ...(typeof envelope === 'string' && { [envelopeHeader]: envelope }),
      ...(typeof columns === 'string' && { [columnsHeader]: columns }),
    }
    const call = responses.length
    const response = new CallResponse({ headers }, (answer) => this.answer(call, answer))
    responses.push(response)
    this.open++
    endpoint.drain.enter(response.asResponse)
    const asked = { headers, method: 'POST', socket: message.socket }
    new GraphqlExchange(endpoint, asked as IncomingMessage, response.asResponse, '', [], body).begin()
  }

  private answer(call: number, { status, headers, text }: CallAnswer): void {
    this.open--
    const columns = headers.get(columnsHeader)
    const head = { call, status, type: headers.get('content-type') ?? '', ...(columns && { columns }) }
    this.ready += frameText(head, text)
    this.schedule()
  }

  private isScheduled = false

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(() => this.flush())
  }

  private flush(): void {
    const { response, ready } = this
    this.isScheduled = false
    this.ready = ''
    if (response.destroyed) return
    if (!response.headersSent) response.writeHead(200, ['content-type', callsType, callsHeader, '1'])
    this.given += ready.length
    if (!this.isRead || this.open > 0) {
      response.write(ready)
      return
    }
    // Until now, the deadlines of its calls have bounded it.
    if (this.given > mostUnbounded) boundReading(response, this.given, this.endpoint.takeMs)
    response.end(ready)
  }

  private refuse(error: unknown): void {
    const { message } = error as Error
    sendRefusal(
      this.message,
      this.response,
      error instanceof PresageError ? error : new PresageError('BAD_REQUEST', `body: ${message}`),
    )
  }
}
