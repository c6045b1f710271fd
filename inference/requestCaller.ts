import { AbortableCaller } from '../lib/request/caller'

/** The requests for inference in flight. */
export interface InFlight {
  count: number
}

/** The client of one request for inference. Call `ended` once it has its answer. */
export class RequestCaller extends AbortableCaller {
  /** `address` of the client; clients at different addresses take turns. */
  constructor(
    private readonly inFlight: InFlight,
    address: string,
  ) {
    super()
    this.client = `address ${address}`
    inFlight.count++
  }

  readonly client: string

  get isOnlyRequest(): boolean {
    return this.inFlight.count === 1
  }

  ended(): void {
    this.inFlight.count--
  }
}
