import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from './graphFiles'

/** What a worker sends to its child, thread or process. Each call has a number, which the reply repeats. */
export type ChildRequest =
  | {
      readonly call: number
      readonly kind: 'load'
      readonly key: string
      readonly graphPath: string
      readonly options?: GraphOptions
    }
  | { readonly call: number; readonly kind: 'infer'; readonly key: string; readonly tensors: Tensors }
  /** Answered at once, also while others wait for their turn. */
  | { readonly call: number; readonly kind: 'ping' }
  /** The last message: after what came before it, the child ends itself. Has no reply. */
  | { readonly kind: 'end' }

export type ChildReply =
  /** The first message: the runtime is there. */
  | { readonly kind: 'ready' }
  | { readonly call: number; readonly kind: 'loaded'; readonly signature: GraphSignature }
  | {
      readonly call: number
      readonly kind: 'inferred'
      readonly tensors: Tensors
      readonly computeMs: number
    }
  | {
      readonly call: number
      readonly kind: 'pong'
      /** Memory of the child's process, in bytes. */
      readonly residentBytes: number
    }
  /** The runtime refused; the child is well. */
  | { readonly call: number; readonly kind: 'failed'; readonly message: string }

/** The buffers under `tensors`, each once: what a message moves instead of copying. Text is copied. */
export function buffersOf(tensors: Tensors): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const name in tensors) {
    const tensor = tensors[name]
    if (tensor.type !== 'string') buffers.add(tensor.data.buffer as ArrayBuffer)
  }
  return [...buffers]
}
