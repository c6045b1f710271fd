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

const error = 'must be a list of addresses such as 10.0.0.5:8000, each once'

const endpoint = z
  .string({ error: 'must be an address such as 10.0.0.5:8000' })
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'must be an address such as 10.0.0.5:8000')

/** The addresses of a shard's servers. */
export const endpointsShape = z
  .array(endpoint, { error })
  .min(1, error)
  .refine((all) => new Set(all).size === all.length, { error })
  .describe(
    'Addresses of servers that run the shard, each of one server; `presage worker` on their machines serves it.',
  )
