import { PresageError, show } from '../../lib/errors'
import type { Grpc, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '../../workers/protocol/grpc'
import type { InferenceService } from '../inferenceService'

type ServingStatus = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN'

interface Asked {
  readonly service: string
}

/** `grpc.health.v1`: the empty service is the whole server, other services are models, `name` or `name@version`. */
export class HealthService {
  private readonly watchers = new Map<ServerWritableStream<Asked, unknown>, ServingStatus>()

  constructor(
    private readonly grpc: Grpc,
    private readonly server: Pick<InferenceService, 'isReady' | 'isModelReady'>,
  ) {}

  readonly handlers = {
    Check: ({ request }: ServerUnaryCall<Asked, unknown>, answer: sendUnaryData<unknown>) => {
      const status = this.statusOf(request.service)
      if (status !== 'SERVICE_UNKNOWN') return answer(null, { status })
      const code = this.grpc.library.status.NOT_FOUND
      answer({ code, details: `service: must be empty or a model, got ${show(request.service)}` })
    },
    Watch: (call: ServerWritableStream<Asked, unknown>) => {
      const status = this.statusOf(call.request.service)
      this.watchers.set(call, status)
      call.once('cancelled', () => this.watchers.delete(call))
      call.write({ status })
    },
  }

  /** Tells every watcher whose status has changed. */
  tell(): void {
    for (const [call, before] of this.watchers) {
      const status = this.statusOf(call.request.service)
      if (status === before) continue
      this.watchers.set(call, status)
      call.write({ status })
    }
  }

  end(): void {
    for (const call of this.watchers.keys()) call.end()
    this.watchers.clear()
  }

  private statusOf(service: string): ServingStatus {
    if (service === '' || service === 'inference.GRPCInferenceService')
      return this.server.isReady() ? 'SERVING' : 'NOT_SERVING'
    const [model, version = ''] = service.split('@')
    try {
      return this.server.isModelReady(model, version) ? 'SERVING' : 'NOT_SERVING'
    } catch (error) {
      if (error instanceof PresageError) return 'SERVICE_UNKNOWN'
      throw error
    }
  }
}
