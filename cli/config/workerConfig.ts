import { z } from 'zod'
import { milliseconds, port, text } from '../../lib/files/shapes'

const listener = (usual: number, what: string) =>
  z
    .strictObject({
      host: text.default('127.0.0.1').describe('The address to listen on.'),
      port: port.default(usual).describe('The port to listen on; 0 takes any that is free.'),
    })
    .prefault({})
    .describe(what)

/** The section `worker`: how `presage worker` serves the models of a shard. */
export const workerShape = z
  .strictObject({
    http: listener(8000, 'Where presage worker serves models over HTTP.'),
    grpc: listener(8001, 'Where presage worker serves models over gRPC.'),
    drain: milliseconds
      .prefault('3s')
      .describe('How long a worker that stops says that it is not ready, and still serves.'),
  })
  .prefault({})
