import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from './graphFiles'

/** The messages from a worker to its child, thread or process. Each call has a number, which the reply repeats. */
export type ChildRequest =
  | {
      readonly call: number
      readonly kind: 'load'
      readonly key: string
      readonly graphPath: string
      readonly options?: GraphOptions
    }
  | { readonly call: number; readonly kind: 'infer'; readonly key: string; readonly tensors: Tensors }
  /** Frees a version's session. Has no reply. */
  | { readonly kind: 'unload'; readonly key: string }
  /** Answered at once, even while other requests wait. */
  | { readonly call: number; readonly kind: 'ping' }
  /** The last message: the child ends itself when earlier requests are done. Has no reply. */
  | { readonly kind: 'end' }

export type ChildReply =
  /** The first message: the runtime is ready. */
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
  /** The runtime refused; the child is still usable. */
  | { readonly call: number; readonly kind: 'failed'; readonly message: string }

/** The distinct buffers of `tensors`, to be moved with a message instead of copied. Text is copied. */
export function buffersOf(tensors: Tensors): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const name in tensors) {
    const tensor = tensors[name]
    if (tensor.type !== 'string') buffers.add(tensor.data.buffer as ArrayBuffer)
  }
  return [...buffers]
}
