import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { codeTrailer } from '../../workers/protocol/trailers'

/** A shard as a proxy has to know it. */
export interface ProxiedShard {
  readonly name: string
  readonly protocol: 'grpc' | 'http'
  /** Whether only some of its servers hold a version. */
  readonly isPlaced: boolean
  readonly tls?: ProxyTls | undefined
}

/** Paths of PEM files, and the name in the servers' certificates. */
export interface ProxyTls {
  readonly ca: string
  readonly serverName: string
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface ProxiedServer {
  /** An address of IPv4 or IPv6. */
  readonly ip: string
  readonly port: number
  /** The versions to ask it for, `name@version`; undefined where every server holds every version. */
  readonly versions?: readonly string[] | undefined
}

/** The header by which calls name their version and shard, `name@version@shard`. */
export const routingKeyHeader = 'x-presage-routing-key'

/** The key of a server's metadata with its versions, which envoy.yaml of the chart sets from the header of a call. */
const versionKey = 'version'

/** The text of a file that Envoy subscribes to. */
export function fileOf(...resources: readonly object[]): string {
  return `${JSON.stringify({ resources }, undefined, 2)}\n`
}

/** One rule a shard: what its servers do for whoever may call them, and nothing of the protocol that changes them. */
export function routeConfiguration(shards: readonly ProxiedShard[], timeoutMs: number): object {
  return {
    '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
    name: 'presage',
    virtual_hosts: [
      { name: 'presage', domains: ['*'], routes: shards.map((shard) => routeOf(shard, timeoutMs)) },
    ],
  }
}

function routeOf({ name, protocol }: ProxiedShard, timeoutMs: number): object {
  return {
    match: {
      prefix: protocol === 'http' ? '/v2/models/' : '/inference.GRPCInferenceService/Model',
      headers: [{ name: routingKeyHeader, string_match: { suffix: `@${name}` } }],
    },
    route: {
      cluster: name,
      timeout: seconds(timeoutMs),
      retry_policy: {
        retry_on: 'reset,connect-failure,refused-stream,retriable-headers',
        // What another server may answer. A call that has had its time is not repeated.
        retriable_headers: [
          {
            name: codeTrailer,
            string_match: { safe_regex: { regex: 'OVERLOADED|MODEL_NOT_READY|SHUTTING_DOWN|WORKER_LOST' } },
          },
        ],
        num_retries: 1,
        // The first try goes on meanwhile: the first answer counts.
        per_try_timeout: seconds(timeoutMs / 2),
        retry_host_predicate: [
          {
            name: 'envoy.retry_host_predicates.previous_hosts',
            typed_config: {
              '@type':
                'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
            },
          },
        ],
        // The less busy of two that are drawn is often the one that has just failed: it is drawn again so many times.
        host_selection_retry_max_attempts: 50,
      },
      hedge_policy: { hedge_on_per_try_timeout: true },
    },
  }
}

/** `folder` is where the files are, as Envoy sees it; `timeoutMs` is the time of a call. */
export function cluster(
  { name, protocol, isPlaced, tls }: ProxiedShard,
  folder: string,
  timeoutMs: number,
): object {
  return {
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: subscription(folder, endpointsFile(name)) },
    // Until a call has its connection, it is not hedged. A host that is cut off must leave time for another one.
    connect_timeout: seconds(Math.min(1_000, timeoutMs / 4)),
    lb_policy: 'LEAST_REQUEST',
    ...(isPlaced && {
      lb_subset_config: {
        // A version that is too new to be known here is loaded by whichever server is asked.
        fallback_policy: 'ANY_ENDPOINT',
        subset_selectors: [{ keys: [versionKey] }],
        list_as_any: true,
      },
    }),
    common_lb_config: {
      // In percent: a server that is not ready gets nothing unless none is. One that stops still serves.
      healthy_panic_threshold: { value: 1 },
      // By default Envoy takes new versions of servers, and what it knows of their health, a second late.
      update_merge_window: '0.1s',
    },
    health_checks: [
      {
        // One that stands still is found within two seconds, also where there are few calls to tell it.
        interval: '0.5s',
        no_traffic_interval: '0.5s',
        timeout: '0.5s',
        healthy_threshold: 1,
        unhealthy_threshold: 2,
        ...(protocol === 'http'
          ? { http_health_check: { path: '/v2/health/ready' } }
          : { grpc_health_check: {} }),
      },
    ],
    ignore_health_on_host_removal: true,
    // Only servers that cannot be reached, or do not answer: an error of a model says nothing of its server.
    outlier_detection: {
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 3,
      enforcing_consecutive_5xx: 0,
      enforcing_success_rate: 0,
      enforcing_local_origin_success_rate: 0,
      interval: '1s',
      base_ejection_time: '2s',
      max_ejection_percent: 50,
    },
    // By default three calls at once may be repeated, far fewer than a server that dies has.
    circuit_breakers: {
      thresholds: [{ retry_budget: { budget_percent: { value: 50 }, min_retry_concurrency: 10 } }],
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        // Shorter than servers keep a connection that nobody uses, so that none is closed under a call.
        common_http_protocol_options: { idle_timeout: '4s' },
        explicit_http_config:
          protocol === 'http' ? { http_protocol_options: {} } : { http2_protocol_options: {} },
      },
    },
    ...(tls && { transport_socket: transportSocket(name, protocol, tls, folder) }),
  }
}

export function loadAssignment(shard: string, servers: readonly ProxiedServer[]): object {
  return {
    '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
    cluster_name: shard,
    endpoints: [
      {
        lb_endpoints: servers.map(({ ip, port, versions }) => ({
          endpoint: { address: { socket_address: { address: ip, port_value: port } } },
          ...(versions && { metadata: { filter_metadata: { 'envoy.lb': { [versionKey]: versions } } } }),
        })),
      },
    ],
  }
}

export function endpointsFile(shard: string): string {
  return `eds-${shard}.json`
}

/** The files that tell Envoy where a shard's certificates are, by name; Envoy reads these again when they change. */
export function secrets(shard: string, { ca, serverName, cert, key }: ProxyTls): ReadonlyMap<string, object> {
  const secret = (name: 'authorities' | 'certificate', value: object): [string, object] => [
    secretFile(shard, name),
    { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', name, ...value },
  ]
  const authorities = secret('authorities', {
    validation_context: {
      trusted_ca: { filename: ca },
      watched_directory: { path: dirname(ca) },
      match_typed_subject_alt_names: [
        { san_type: isIP(serverName) === 0 ? 'DNS' : 'IP_ADDRESS', matcher: { exact: serverName } },
      ],
    },
  })
  if (cert === undefined || key === undefined) return new Map([authorities])
  const certificate = secret('certificate', {
    tls_certificate: {
      certificate_chain: { filename: cert },
      private_key: { filename: key },
      watched_directory: { path: dirname(cert) },
    },
  })
  return new Map([authorities, certificate])
}

function transportSocket(
  shard: string,
  protocol: ProxiedShard['protocol'],
  { serverName, cert }: ProxyTls,
  folder: string,
): object {
  const secret = (name: 'authorities' | 'certificate') => ({
    name,
    sds_config: subscription(folder, secretFile(shard, name)),
  })
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      // The standard has only names of hosts here.
      ...(isIP(serverName) === 0 && { sni: serverName }),
      common_tls_context: {
        alpn_protocols: [protocol === 'http' ? 'http/1.1' : 'h2'],
        validation_context_sds_secret_config: secret('authorities'),
        ...(cert !== undefined && { tls_certificate_sds_secret_configs: [secret('certificate')] }),
      },
    },
  }
}

function secretFile(shard: string, name: 'authorities' | 'certificate'): string {
  return `sds-${shard}-${name}.json`
}

function subscription(folder: string, file: string): object {
  return { resource_api_version: 'V3', path_config_source: { path: join(folder, file) } }
}

/** As JSON has durations of protobuf. */
function seconds(ms: number): string {
  return `${ms / 1000}s`
}
