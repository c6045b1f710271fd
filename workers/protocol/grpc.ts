import { join } from 'node:path'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { packageRoot } from '../../lib/packagePaths'
import { encodeInferRequest } from './inferRequest'
import { decodeInferResponse } from './inferResponse'

export type {
  ChannelCredentials,
  Client,
  Metadata,
  Server,
  ServerInterceptor,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
  StatusObject,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'

/** The gRPC library with the services of the protocol. Only processes that speak gRPC load it. */
export interface Grpc {
  readonly library: typeof import('@grpc/grpc-js')
  /**
   * `inference.GRPCInferenceService`. ModelInfer is read and written by our own code, so that tensors stay views on
   * the message and 64-bit integers exact: a client sends an `InferRequest` and gets an `InferResponse`; a server gets
   * and answers encoded messages.
   */
  readonly inference: ServiceDefinition
  /** `grpc.health.v1.Health` */
  readonly health: ServiceDefinition
}

let loaded: Grpc | undefined

/** Loads the library once. */
export function loadGrpc(): Grpc {
  loaded ??= load()
  return loaded
}

function load(): Grpc {
  const library: typeof import('@grpc/grpc-js') = require('@grpc/grpc-js')
  const loader: typeof import('@grpc/proto-loader') = require('@grpc/proto-loader')
  const definitions = loader.loadSync(
    ['inference.proto', 'health.proto'].map((file) => join(packageRoot, 'schemas', file)),
    { keepCase: true, longs: Number, enums: String, defaults: true },
  )
  const inference = definitions['inference.GRPCInferenceService'] as ServiceDefinition
  return {
    library,
    inference: {
      ...inference,
      ModelInfer: {
        ...inference['ModelInfer'],
        requestSerialize: encodeInferRequest,
        // Read by the handler, so that a request that is not one is told as such.
        requestDeserialize: (encoded: Buffer) => encoded,
        responseSerialize: (encoded: Buffer) => encoded,
        responseDeserialize: decodeInferResponse,
      },
    },
    health: definitions['grpc.health.v1.Health'] as ServiceDefinition,
  }
}
