import { type Clock, pause } from '../../lib/clock'
import { addressesIn, type EndpointSlice } from './endpointSlices'
import { KnownMembers } from './knownMembers'
import { KubernetesApi, type KubernetesApiOptions, KubernetesError } from './kubernetesApi'

export interface KubernetesMembersOptions extends KubernetesApiOptions {
  readonly namespace: string
  readonly service: string
  /** The name of the port; may be undefined for a service of one port. */
  readonly port: string | undefined
  readonly clock: Clock
  readonly log: (line: string) => void
}

/**
 * The endpoints of a Kubernetes service, by its EndpointSlices.
 *
 *     list ──version──> watch ──it ends or breaks──> watch from the last version ...
 *      ^                  │
 *      └──410: the version is too old──┘
 */
export class KubernetesMembers extends KnownMembers {
  private readonly api: KubernetesApi
  private readonly path: string
  private readonly slices = new Map<string, EndpointSlice>()
  /** What the slices are as of; undefined if they have to be listed. */
  private version: string | undefined
  private failures = 0
  private readonly ended = new AbortController()
  private endRest = () => {}
  private readonly over: Promise<void>

  constructor(private readonly options: KubernetesMembersOptions) {
    super(options.log)
    const { namespace, service } = options
    this.api = new KubernetesApi(options)
    const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`)
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`
    this.path = `${slices}?labelSelector=${selector}`
    this.over = this.follow()
  }

  /** The watch tells soon enough. */
  doubt(): void {}

  async close(): Promise<void> {
    this.closed()
    this.ended.abort()
    this.endRest()
    await this.over
  }

  private async follow(): Promise<void> {
    const { clock } = this.options
    while (!this.isClosed) {
      const began = clock.now()
      try {
        if (this.version === undefined) await this.list()
        await this.watch()
        // A server that ends each watch at once is not to be asked without a pause.
        this.failures = clock.now() - began < shortMs ? this.failures + 1 : 0
      } catch (error) {
        this.failures = clock.now() - began < shortMs ? this.failures + 1 : 1
        if (error instanceof KubernetesError && error.status === 410) this.version = undefined
        // A watch that breaks is usual; one that cannot be resumed is not.
        else if (this.failures > 1 || this.version === undefined) this.failed((error as Error).message)
      }
      if (this.failures > 0 && !this.isClosed) await this.rest()
    }
  }

  private async list(): Promise<void> {
    const { items, metadata } = (await this.api.get(this.path, this.ended.signal)) as SliceList
    this.slices.clear()
    for (const slice of items) this.slices.set(slice.metadata.name, slice)
    this.version = metadata.resourceVersion
    this.tell()
  }

  private async watch(): Promise<void> {
    const query = `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${this.version}`
    for await (const { type, object } of this.api.watch(this.path + query, this.ended.signal)) {
      if (type === 'ERROR') {
        const { code = 0, message = 'the watch failed' } = object as { code?: number; message?: string }
        throw new KubernetesError(code, message)
      }
      if (type !== 'OPENED') {
        const slice = object as EndpointSlice
        const { name, resourceVersion } = slice.metadata
        this.version = resourceVersion
        if (type === 'DELETED') this.slices.delete(name)
        else if (type !== 'BOOKMARK') this.slices.set(name, slice)
      }
      if (type !== 'BOOKMARK') this.tell()
    }
  }

  private tell(): void {
    try {
      this.told(addressesIn(this.slices.values(), this.options.port))
    } catch (error) {
      this.failed((error as Error).message)
    }
  }

  private async rest(): Promise<void> {
    const ms = Math.min(mostRestMs, leastRestMs * 2 ** (this.failures - 1))
    await pause(this.options.clock, ms * (0.5 + Math.random()), (end) => {
      this.endRest = end
    })
  }
}

/** How long a watch may last before the server ends it. */
const watchSeconds = 300
const shortMs = 1_000
const leastRestMs = 100
const mostRestMs = 5_000

interface SliceList {
  readonly items: readonly EndpointSlice[]
  readonly metadata: { readonly resourceVersion: string }
}
