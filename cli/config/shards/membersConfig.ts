import { isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { LoadError } from '../../../lib/errors'
import type { PlaceOf } from '../../../lib/files/shapeProblems'
import { positiveMilliseconds, serverPort, strictShape, text } from '../../../lib/files/shapes'
import { redisName, redisUrl } from './redisShapes'

const usualPoll = '5s'

const dnsName = z
  .string()
  .regex(/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?$/, 'must be a name of DNS')

const dnsPort = z
  .int({ error: 'must be a whole number from 1 to 65535' })
  .min(1, 'must be a whole number from 1 to 65535')
  .max(65535, 'must be a whole number from 1 to 65535')

const dnsError = 'must be a name and a port such as ratings.internal:8000, a name of SRV records, or a map'

const dnsShape = z
  .union(
    [
      z
        .string()
        .regex(/^([A-Za-z0-9][A-Za-z0-9_.-]*:\d{1,5}|_[A-Za-z0-9_.-]+)$/, { error: dnsError, abort: true })
        .refine(...serverPort),
      strictShape({
        name: dnsName.describe(
          'A name of hosts; or one of SRV records, such as _http._tcp.ratings.internal.',
        ),
        port: dnsPort.optional().describe('The port of all servers; SRV records have it themselves.'),
        poll: positiveMilliseconds.prefault(usualPoll).describe('How often the name is resolved.'),
        server: text
          .refine(isDnsServer, 'must be an address such as 10.0.0.2, or with its port, such as 10.0.0.2:53')
          .optional()
          .describe('The DNS server to ask, address or address:port; default those of the system.'),
      }),
    ],
    { error: dnsError },
  )
  .describe('A name whose addresses are the servers that run the shard.')

/** A name would have to be resolved itself. Node would take a port from 65536 on for another, and end at port 0. */
function isDnsServer(address: string): boolean {
  if (isIP(address) !== 0) return true
  const [, six = '', four = ''] = /^(?:\[(.*)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? []
  const [hasServerPort] = serverPort
  return (isIPv6(six) || isIPv4(four)) && hasServerPort(address)
}

const label = (what: string) =>
  z.string({ error: `must be the name of ${what}` }).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: `must be the name of ${what}`,
  })

const kubernetesShape = strictShape({
  service: label('a service').describe('The service whose endpoints are the servers that run the shard.'),
  namespace: label('a namespace').optional().describe("Its namespace; default this pod's."),
  port: label('a port').optional().describe('The name of its port, if it has more than one.'),
  api: z
    .url({ protocol: /^https?$/, error: 'must be the URL of an API server such as http://127.0.0.1:8001' })
    .optional()
    .describe('An API server that asks for no token, such as kubectl proxy; default that of this pod.'),
}).describe('The servers that run the shard are the endpoints of a Kubernetes service.')

const redisShape = strictShape({
  url: redisUrl
    .optional()
    .describe(
      'redis://user:password@host:port/db, or rediss:// for TLS; default that of the rules, or of the cache.',
    ),
  name: redisName.default('members').describe('Tells deployments apart that share one Redis.'),
}).describe('The servers that run the shard are workers that register themselves in Redis.')

/** Where the servers of a shard are told, beside `endpoints`. */
export const membersShape = {
  dns: dnsShape.optional(),
  kubernetes: kubernetesShape.optional(),
  redis: redisShape.optional(),
}

/** What tells where the servers of a shard are. */
export type MembersConfig =
  | { readonly by: 'endpoints'; readonly addresses: readonly string[] }
  | {
      readonly by: 'dns'
      readonly name: string
      /** Undefined for SRV records. */
      readonly port: number | undefined
      /** In milliseconds. */
      readonly poll: number
      readonly server: string | undefined
    }
  | ({ readonly by: 'kubernetes' } & z.infer<typeof kubernetesShape>)
  | { readonly by: 'redis'; readonly url: string; readonly name: string }

interface WrittenShard extends z.infer<z.ZodObject<typeof membersShape>> {
  readonly endpoints?: readonly string[] | undefined
}

/**
 * Undefined for a shard of this machine. `redis` is the URL for shards that name none. Throws a LoadError if the shard
 * has more than one of the keys, or one lacks something.
 */
export function resolveMembers(
  { endpoints, dns, kubernetes, redis }: WrittenShard,
  path: string,
  place: PlaceOf,
  sharedRedis: string | undefined,
): MembersConfig | undefined {
  const refuse = (at: string, what: string) => new LoadError([`${place(at)}: ${at}: ${what}`])
  const given = Object.entries({ endpoints, dns, kubernetes, redis }).filter(([, one]) => one !== undefined)
  if (given.length > 1) {
    const keys = given.map(([key]) => key).join(' and ')
    throw refuse(path, `must have one of endpoints, dns, kubernetes and redis, got ${keys}`)
  }
  if (endpoints !== undefined) return { by: 'endpoints', addresses: endpoints }
  if (kubernetes !== undefined) return { by: 'kubernetes', ...kubernetes }
  if (redis !== undefined) {
    const url = redis.url ?? sharedRedis
    if (url === undefined)
      throw refuse(`${path}.redis.url`, 'must be given where neither the rules nor the cache are in Redis')
    return { by: 'redis', url, name: redis.name }
  }
  return dns === undefined ? undefined : resolveDns(dns, `${path}.dns`, refuse)
}

function resolveDns(
  dns: z.infer<typeof dnsShape>,
  path: string,
  refuse: (at: string, what: string) => LoadError,
): MembersConfig {
  const [name, port] = typeof dns === 'string' ? dns.split(':') : [dns.name, dns.port]
  const isSrv = name.startsWith('_')
  if (isSrv && port !== undefined)
    throw refuse(`${path}.port`, `must not be given, since SRV records have the ports, got ${port}`)
  if (!isSrv && port === undefined) throw refuse(`${path}.port`, 'must be given for a name of hosts')
  const { poll, server } = typeof dns === 'string' ? dnsDefaults : dns
  return { by: 'dns', name, port: port === undefined ? undefined : Number(port), poll, server }
}

const dnsDefaults = { poll: positiveMilliseconds.parse(usualPoll), server: undefined }
