import { Agent, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'
import type { TraceContext } from '../../lib/request/traceContext'
import type { ClientTls } from '../../lib/tls/clientTls'
import { exactJsonOf, parseExactJson } from '../protocol/json/exactJson'
import { dataFromJson, dataToJson } from '../protocol/json/jsonData'
import type { ModelTensors } from '../protocol/metadata'
import { noParameters } from '../protocol/parameters'
import { codeTrailer, jsonLengthHeader, loadHeader } from '../protocol/trailers'
import {
  type InferRequest,
  type InferResponse,
  rawBytes,
  rawData,
  type WireTensor,
} from '../protocol/wireTensor'
import { CallError, callStatus, codeIn } from './callError'
import { HttpConnections } from './connection/httpConnections'
import { splitAddress } from './connection/splitAddress'
import { type IndexedVersion, type InferenceClient, mostAnswerBytes } from './inferenceClient'

/** Shorter than servers keep a connection that nobody uses, so that none is closed under a request. */
const idleMs = 4_000

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/**
 * Speaks the protocol over HTTP to `address`, `host:port`. Tensors are binary if the server has the extension, else
 * JSON.
 */
export function createHttpClient(
  address: string,
  tls?: ClientTls,
  maxAnswerBytes = mostAnswerBytes,
): InferenceClient {
  const [host, port] = splitAddress(address)
  const settings = { keepAlive: true, timeout: idleMs, scheduling: 'lifo' } as const
  const agent = tls
    ? new TlsAgent(settings, () => tls.connect(host, 'http/1.1', { port }))
    : new Agent(settings)
  const common = tls && { host: `${tls.nameOf(host)}:${port}` }
  let isBinary = false
  const connections = new HttpConnections(agent)
  let hasVersions = true
  let hasAnswered = false

  function pathOf(model: string, version: string): string {
    const path = `/v2/models/${encodeURIComponent(model)}`
    return version === '' || !hasVersions ? path : `${path}/versions/${encodeURIComponent(version)}`
  }

  function send(
    method: string,
    path: string,
    deadline: number,
    pieces: readonly Uint8Array[] = [],
    jsonBytes?: number,
    trace?: TraceContext,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    const headers = {
      ...common,
      ...trace,
      'content-length': length,
      ...(jsonBytes !== undefined && { [jsonLengthHeader]: jsonBytes }),
    }
    return new Promise((resolve, reject) => {
      let isLate = false
      let bytes = 0
      const message = request({ host, port, method, path, agent, headers }, (response) => {
        hasAnswered = true
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= maxAnswerBytes) chunks.push(chunk)
          else {
            response.destroy()
            fail(new Error('too large'))
          }
        })
        response.on('end', () => {
          settled()
          const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
        })
        response.on('error', fail)
      })
      const fail = (error: NodeJS.ErrnoException) => {
        settled()
        if (signal?.aborted) return reject(new CallError(callStatus.cancelled, 'the call was cancelled'))
        if (isLate) return reject(new CallError(callStatus.deadlineExceeded, 'no answer before the deadline'))
        if (bytes > maxAnswerBytes)
          return reject(
            new CallError(callStatus.resourceExhausted, `the answer is larger than ${maxAnswerBytes} bytes`),
          )
        const wasSent = error.syscall !== 'connect' && error.syscall !== 'getaddrinfo'
        const reason = tls?.problem(host, error, hasAnswered) ?? error.message
        reject(new CallError(callStatus.unavailable, reason, undefined, wasSent))
      }
      const timer = setTimeout(
        () => {
          isLate = true
          message.destroy(new Error('late'))
        },
        Math.max(1, deadline - Date.now()),
      )
      const cancel = () => message.destroy(new Error('cancelled'))
      const settled = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
      }
      signal?.addEventListener('abort', cancel)
      message.on('error', fail)
      message.once('socket', connections.used)
      for (const piece of pieces) message.write(piece)
      message.end()
    })
  }

  async function asked(method: string, path: string, deadline: number, body?: object): Promise<unknown> {
    const pieces = body === undefined ? [] : [Buffer.from(JSON.stringify(body))]
    const answer = await send(method, path, deadline, pieces)
    if (answer.status !== 200) throw callErrorOf(answer)
    return answer.body.length === 0 ? {} : parseExactJson(answer.body)
  }

  return {
    async serverReady(deadline) {
      const { status } = await send('GET', readyPath, deadline)
      return { ready: status === 200, ...(status === 404 && { reason: noSuchServer }) }
    },
    async serverMetadata(deadline) {
      const told = mapIn(await asked('GET', '/v2', deadline))
      const extensions = listIn(told, 'extensions').filter(isText)
      isBinary = extensions.includes('binary_tensor_data')
      return { name: textIn(told, 'name'), version: textIn(told, 'version'), extensions }
    },
    async modelReady(model, version, deadline) {
      let answer = await send('GET', `${pathOf(model, version)}/ready`, deadline)
      if (answer.status === 501 && hasVersions) {
        // As KServe's Python server, which has one model under a name; over gRPC it ignores the version.
        hasVersions = false
        answer = await send('GET', `${pathOf(model, version)}/ready`, deadline)
      }
      if (answer.status === 404) throw callErrorOf(answer)
      return { ready: answer.status === 200 }
    },
    async modelMetadata(model, version, deadline) {
      return tensorsIn(await asked('GET', pathOf(model, version), deadline))
    },
    async index(deadline) {
      const answer = await send('POST', '/v2/repository/index', deadline, [Buffer.from('{}')])
      if (answer.status !== 200) throw callErrorOf(answer)
      return { versions: versionsIn(parseExactJson(answer.body)), load: loadIn(answer) }
    },
    loadModel: (model, deadline) =>
      asked('POST', `/v2/repository/models/${encodeURIComponent(model)}/load`, deadline, {}),
    async infer(inferRequest, deadline, trace, signal) {
      const { pieces, jsonBytes } = requestBody(inferRequest, isBinary)
      const path = `${pathOf(inferRequest.model, inferRequest.version)}/infer`
      const answer = await send('POST', path, deadline, pieces, jsonBytes, trace, signal)
      if (answer.status !== 200) throw callErrorOf(answer)
      return { response: readAnswer(answer), load: loadIn(answer) }
    },
    watch: (ended) => connections.watch(ended),
    close() {
      connections.close()
      agent.destroy()
    },
  }
}

function loadIn({ headers }: Answer): string | undefined {
  const load = headers[loadHeader]
  return Array.isArray(load) ? load[0] : load
}

/** An agent whose connections are made by `open`. */
class TlsAgent extends Agent {
  constructor(
    settings: ConstructorParameters<typeof Agent>[0],
    private readonly open: () => Duplex,
  ) {
    super(settings)
  }

  override createConnection(): Duplex {
    return this.open()
  }
}

function requestBody(
  { id, parameters, inputs, outputs }: InferRequest,
  isBinary: boolean,
): { readonly pieces: readonly Uint8Array[]; readonly jsonBytes: number | undefined } {
  const blobs: Uint8Array[] = []
  const tensors = inputs.map((input) => {
    const { name, datatype, shape } = input
    if (!isBinary) return { name, datatype, shape, data: jsonData(input) }
    const bytes = rawBytes(input)
    blobs.push(bytes)
    return { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } }
  })
  const json = Buffer.from(
    exactJsonOf({
      ...(id !== '' && { id }),
      parameters: { ...parameters, ...(isBinary && { binary_data_output: true }) },
      inputs: tensors,
      outputs: outputs.map(({ name }) => ({ name })),
    }),
  )
  return { pieces: [json, ...blobs], jsonBytes: isBinary ? json.length : undefined }
}

function jsonData(input: WireTensor): readonly unknown[] {
  try {
    return dataToJson(input)
  } catch {
    const reason = `input ${input.name}: holds NaN or infinity, which JSON does not have, and the server tells no binary tensors over HTTP; use protocol: grpc`
    throw new CallError(callStatus.invalidArgument, reason)
  }
}

/** What a server has. Throws a `CallError`, as the functions below, for what another program may have made otherwise. */
function versionsIn(told: unknown): readonly IndexedVersion[] {
  return listIn({ versions: told }, 'versions').map((one) => {
    const version = mapIn(one)
    const { verified } = version
    return {
      name: textIn(version, 'name'),
      version: textIn(version, 'version'),
      state: textIn(version, 'state'),
      reason: textIn(version, 'reason'),
      ...(isMap(verified) && {
        verified: { sha256: textIn(verified, 'sha256'), ...tensorsIn(verified) },
      }),
    }
  })
}

function tensorsIn(told: unknown): ModelTensors {
  const tensors = (where: 'inputs' | 'outputs') =>
    listIn(mapIn(told), where).map((one) => {
      const { name, datatype, shape } = isMap(one) ? one : {}
      if (isText(name) && isText(datatype) && isShape(shape)) return { name, datatype, shape }
      throw unreadable(`${where}: must have a name, a datatype and a shape each, got ${show(one)}`)
    })
  return { inputs: tensors('inputs'), outputs: tensors('outputs') }
}

function mapIn(told: unknown): Readonly<Record<string, unknown>> {
  if (isMap(told)) return told
  throw unreadable(`must be an object, got ${show(told)}`)
}

/** Servers in Go write an empty list as null. */
function listIn(told: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const list = told[name] ?? []
  if (Array.isArray(list)) return list
  throw unreadable(`${name}: must be a list, got ${show(list)}`)
}

function textIn(told: Readonly<Record<string, unknown>>, name: string): string {
  const text = told[name]
  return isText(text) ? text : ''
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function unreadable(reason: string): CallError {
  return new CallError(callStatus.internal, `the answer cannot be read: ${reason}`)
}

/** Throws a `CallError` for an answer that is not one. */
function readAnswer({ headers, body }: Answer): InferResponse {
  const jsonBytes = Number(headers[jsonLengthHeader] ?? body.length)
  try {
    const json = parseExactJson(body.subarray(0, jsonBytes))
    if (!isMap(json) || !Array.isArray(json['outputs'])) throw new Error('it has no outputs')
    let at = jsonBytes
    const outputs = json['outputs'].map((output): WireTensor => {
      if (!isMap(output)) throw new Error(`an output must be an object, got ${show(output)}`)
      const { name, datatype, shape, parameters, data } = output
      if (typeof name !== 'string' || typeof datatype !== 'string' || !isShape(shape))
        throw new Error('an output must have a name, a datatype and a shape')
      // KServe says null for none.
      const size = isMap(parameters) ? parameters['binary_data_size'] : undefined
      const tensor = { name, datatype, shape, parameters: noParameters }
      if (size === undefined)
        return { ...tensor, data: dataFromJson(`output ${name}`, datatype, shape, data) }
      const from = at
      at += Number(size)
      if (!(at >= from && at <= body.length))
        throw new Error(
          `output ${name}: binary_data_size: must be of the ${body.length - from} bytes left, got ${show(size)}`,
        )
      return { ...tensor, data: rawData(tensor, body.subarray(from, at)) }
    })
    return { model: '', version: '', id: '', parameters: noParameters, outputs }
  } catch (error) {
    throw unreadable((error as Error).message)
  }
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => typeof size === 'number')
}

/** The statuses of model servers, as gRPC has them. */
const statuses: Readonly<Record<number, number>> = {
  400: callStatus.invalidArgument,
  404: callStatus.notFound,
  408: callStatus.deadlineExceeded,
  429: callStatus.resourceExhausted,
  502: callStatus.unavailable,
  503: callStatus.unavailable,
  504: callStatus.deadlineExceeded,
}

const readyPath = '/v2/health/ready'
const noSuchServer = `it answers ${readyPath} with 404; is it a server of the Open Inference Protocol?`

function callErrorOf({ status, headers, body }: Answer): CallError {
  const json = readJson(body.toString())
  const message = isMap(json) && typeof json['error'] === 'string' ? json['error'] : `status ${status}`
  return new CallError(statuses[status] ?? callStatus.internal, message, codeIn(headers[codeTrailer]))
}
