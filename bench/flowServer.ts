/**
 * A server of the protocol without models: it reads a request's tensors and answers one number for each row. Over HTTP, over gRPC by
 * `@grpc/grpc-js`, and over gRPC by `node:http2` with a window of its own. Tells its parent the ports.
 */
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { startGrpcServer } from '../inference/grpc/grpcServer'
import { startInferenceHttp } from '../inference/http/httpServer'
import type { InferenceService } from '../inference/inferenceService'
import { systemClock } from '../lib/clock'
import { decodeInferRequest } from '../workers/protocol/inferRequest'
import { encodeInferResponse } from '../workers/protocol/inferResponse'
import { noParameters } from '../workers/protocol/parameters'
import { type InferRequest, type InferResponse, wireTensor } from '../workers/protocol/wireTensor'

const windowBytes = 16 << 20

function answerTo({ model, id, inputs }: InferRequest): InferResponse {
  const rows = inputs[0].shape[0]
  const outputs = [wireTensor('y', { type: 'float32', dims: [rows], data: new Float32Array(rows) })]
  return { model, version: '1', id, parameters: noParameters, outputs }
}

/** Unary calls alone, whose message fits one frame of gRPC. */
function answerStream(stream: ServerHttp2Stream): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.once('end', () => {
    const message = encodeInferResponse(answerTo(decodeInferRequest(Buffer.concat(chunks).subarray(5))), true)
    const head = Buffer.alloc(5)
    head.writeUInt32BE(message.length, 1)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.concat([head, message]))
  })
}

async function main(): Promise<void> {
  const service = {
    infer: async (request: InferRequest) => answerTo(request),
    load: { text: '' },
    server: () => ({ name: 'bench', version: '0', extensions: ['binary_tensor_data'] }),
  } as unknown as InferenceService
  const common = {
    service,
    inFlight: { count: 0, isTrusted: () => false },
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1 << 28,
    log: console.error,
  }
  const http = await startInferenceHttp({ ...common, pages: new Map() })
  const grpc = await startGrpcServer(common)
  const http2 = createServer({ settings: { initialWindowSize: windowBytes } })
  http2.on('session', (session) => session.setLocalWindowSize(windowBytes))
  http2.on('stream', answerStream)
  await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve))
  const ports = { http: http.port, grpc: grpc.port, http2: (http2.address() as AddressInfo).port }
  process.send?.({ url: JSON.stringify(ports) })
  process.once('disconnect', () => process.exit())
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
