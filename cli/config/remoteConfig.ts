import { z } from 'zod'
import { byteSize } from '../../lib/files/byteSize'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { milliseconds, port, serverPort, strictShape, text } from '../../lib/files/shapes'

const listener = (usual: number, what: string) =>
  z
    .strictObject({
      host: text.default('127.0.0.1').describe('The address to listen on.'),
      port: port.default(usual).describe('The port to listen on; 0 takes any that is free.'),
    })
    .prefault({})
    .describe(what)

/** The files of `worker.tls`. */
const serverTlsShape = strictShape({
  cert: text.describe(
    "A file with the listeners' certificate, and those of authorities up to a known one, as PEM.",
  ),
  key: text.describe('A file with its private key as PEM.'),
  clientCa: text
    .optional()
    .describe('A file with authorities as PEM; clients without a certificate of one of them are refused.'),
})

/** The section `worker`: how `presage worker` serves the models of a shard. */
export const workerShape = z
  .strictObject({
    http: listener(8000, 'Where presage worker serves models over HTTP.'),
    grpc: listener(8001, 'Where presage worker serves models over gRPC.'),
    tls: serverTlsShape.optional().describe('Has both listeners speak TLS alone.'),
    advertise: text
      .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/, {
        error: 'must be a host such as 10.0.0.5, or an address such as 10.0.0.5:8000',
        abort: true,
      })
      .refine(...serverPort)
      .optional()
      .describe(
        'Where others reach this worker, for shards with redis: a host, or an address; default: where it listens.',
      ),
    modelMemory: byteSize
      .optional()
      .describe(
        'How much memory the versions that presage worker has loaded may take together; default: half of what there is.',
      ),
    drain: milliseconds
      .prefault('3s')
      .describe('How long a worker that stops says that it is not ready, and still serves.'),
  })
  .prefault({})

const error = 'must be a list of addresses such as 10.0.0.5:8000, each once'

const endpoint = z
  .string({ error: 'must be an address such as 10.0.0.5:8000' })
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, {
    error: 'must be an address such as 10.0.0.5:8000',
    abort: true,
  })
  .refine(...serverPort)

export const endpointsShape = z
  .array(endpoint, { error })
  .min(1, error)
  .refine((all) => new Set(all).size === all.length, { error })
  .describe(
    'Addresses of servers that run the shard, each of one server; `presage worker` on their machines serves it.',
  )

const clientTlsShape = strictShape({
  ca: text
    .optional()
    .describe(
      "A file with the authorities of the servers' certificates as PEM; default those that Node trusts.",
    ),
  cert: text.optional().describe('A file with the certificate that servers see, as PEM.'),
  key: text.optional().describe('A file with its private key as PEM.'),
  serverName: text
    .optional()
    .describe("The name that servers' certificates must have; default the host of each address."),
}).superRefine(({ cert, key }, context) => {
  if ((cert === undefined) === (key === undefined)) return
  const [missing, other] = cert === undefined ? ['cert', 'key'] : ['key', 'cert']
  context.addIssue(finishedIssue([missing], `must come with ${other}, got none`))
})

/** How the servers of a shard are spoken to; false for no TLS. */
export const tlsShape = z
  .union([z.boolean(), clientTlsShape], {
    error: 'must be true, false or a map with ca, cert, key and serverName',
  })
  .optional()
  .describe('TLS to the servers of endpoints; true: with certificates of authorities that Node trusts.')

type Tls = z.infer<typeof tlsShape>

/** Makes the paths of files absolute; undefined if there is no TLS. */
export function resolveTls(
  tls: Tls,
  absolute: (path: string) => string,
): z.infer<typeof clientTlsShape> | undefined {
  if (tls === undefined || tls === false) return undefined
  const { serverName, ...files } = tls === true ? {} : tls
  return { ...(serverName !== undefined && { serverName }), ...absolutePaths(files, absolute) }
}

export function absolutePaths<T extends object>(files: T, absolute: (path: string) => string): T {
  return Object.fromEntries(
    Object.entries(files).map(([key, file]) => [key, file === undefined ? file : absolute(file)]),
  ) as T
}
