import type { GraphSignature, Tensors } from '../../models/types/tensor'
import { runWarmUp, type WarmUpBatch } from '../pool/warmUp'
import type { ServerCheck } from '../pool/workerPool'
import type { GraphOptions } from '../runtime/graphFiles'
import { WorkerLost } from '../runtime/workerLost'
import type { ServerConnection } from './serverConnection'

/** What every server of a shard must do with a version before it gets rows of it. Filled step by step. */
export class RemoteVersion {
  warmUp: readonly WarmUpBatch[] = []
  /** Undefined until the golden cases are known; until then no server gets rows. */
  check: ServerCheck | undefined
  /** Undefined until the first servers have told theirs. */
  private signature: GraphSignature | undefined

  constructor(
    readonly key: string,
    private readonly graphPath: string,
    private readonly graph: GraphOptions,
  ) {}

  /** Has a server load the version. Rejects if its tensors are not those of the other servers. */
  async load(worker: ServerConnection): Promise<GraphSignature> {
    const signature = await worker.load(this.key, this.graphPath, this.graph)
    const problem = this.problemOf(signature)
    if (problem !== undefined) throw new Error(problem)
    return signature
  }

  /** Takes what most of the first servers tell; of equally many, what the first one does. */
  agree(signatures: readonly GraphSignature[]): GraphSignature {
    const texts = signatures.map((signature) => JSON.stringify(signature))
    const votes = (text: string) => texts.filter((one) => one === text).length
    const most = texts.reduce((best, text) => (votes(text) > votes(best) ? text : best))
    this.signature = signatures[texts.indexOf(most)]
    return this.signature
  }

  /** Why a server's tensors do not fit; undefined if they do, or nobody knows yet. */
  problemOf(signature: GraphSignature): string | undefined {
    const own = JSON.stringify(signature)
    const others = JSON.stringify(this.signature ?? signature)
    return own === others
      ? undefined
      : `its tensors must be those of the other servers, ${others}, got ${own}`
  }

  async warm(worker: ServerConnection): Promise<void> {
    if (worker.isVerified?.(this.key)) return
    for (const batch of this.warmUp) await runWarmUp(worker, this.key, batch)
  }

  async verify(worker: ServerConnection): Promise<void> {
    if (worker.isVerified?.(this.key)) return
    let overload: WorkerLost | undefined
    const run = async (tensors: Tensors) => {
      try {
        return (await worker.infer(this.key, tensors)).tensors
      } catch (error) {
        if (error instanceof WorkerLost && error.outcome === 'OVERLOADED') overload = error
        throw error
      }
    }
    try {
      await this.check?.(run)
    } catch (error) {
      // That there was no room is no wrong answer.
      throw overload ?? error
    }
  }
}
