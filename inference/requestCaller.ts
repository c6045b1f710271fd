import { AbortableCaller } from '../lib/request/caller'
import { clientParameter } from '../workers/protocol/parameters'
import type { InferRequest } from '../workers/protocol/wireTensor'

/** The requests for inference in flight. */
export interface InFlight {
  count: number
  /** Whether what comes from an address is believed about the client for whom it asks. */
  readonly isTrusted: (address: string) => boolean
}

/** The client of one request for inference. Call `ended` once it has its answer. */
export class RequestCaller extends AbortableCaller {
  /** Clients take turns: those that a gateway names, and else addresses. */
  client: string

  constructor(
    private readonly inFlight: InFlight,
    private readonly address: string,
  ) {
    super()
    this.client = `address ${address}`
    inFlight.count++
  }

  /** Call it when the request has been read. */
  asks({ parameters }: InferRequest): void {
    const client = parameters[clientParameter]
    if (typeof client === 'string' && this.inFlight.isTrusted(this.address)) this.client = client
  }

  get isOnlyRequest(): boolean {
    return this.inFlight.count === 1
  }

  ended(): void {
    this.inFlight.count--
  }
}
