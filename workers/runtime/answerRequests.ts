import { buffersOf, type ChildReply, type ChildRequest } from './messages'
import { type OnnxSession, openSession } from './onnx'

/** The link from a child, thread or process, to the worker that started it. */
export interface ParentLink {
  /** Sends a reply. Where possible, `buffers` are moved instead of copied. */
  send(reply: ChildReply, buffers?: ArrayBuffer[]): void
  /** Frees a batch's input buffers if they belong to the child alone; else they wait for the garbage collector. */
  release?(buffers: ArrayBuffer[]): void
  /** Ends the child. */
  end(): void
}

/** Holds the sessions of a child and answers requests, one at a time. Returns the function that takes one. */
export function answerRequests(link: ParentLink): (request: ChildRequest) => void {
  const sessions = new Map<string, OnnxSession>()
  let last: Promise<void> = Promise.resolve()
  link.send({ kind: 'ready' })
  return (request) => {
    if (request.kind === 'ping') {
      link.send({ call: request.call, kind: 'pong', residentBytes: process.memoryUsage.rss() })
      return
    }
    last = last.then(() => answer(request, sessions, link))
  }
}

async function answer(
  request: Exclude<ChildRequest, { kind: 'ping' }>,
  sessions: Map<string, OnnxSession>,
  link: ParentLink,
): Promise<void> {
  if (request.kind === 'end') {
    link.end()
    return
  }
  if (request.kind === 'unload') {
    sessions.get(request.key)?.release()
    sessions.delete(request.key)
    return
  }
  const { call, key } = request
  try {
    if (request.kind === 'load') {
      const session = await openSession(request.graphPath, request.options)
      sessions.set(key, session)
      link.send({ call, kind: 'loaded', signature: session.signature })
      return
    }
    const session = sessions.get(key)
    if (!session) throw new Error(`${key} is not loaded in this worker`)
    const inputs = buffersOf(request.tensors)
    const { tensors, computeMs } = await session.run(request.tensors)
    link.send({ call, kind: 'inferred', tensors, computeMs }, buffersOf(tensors))
    link.release?.(inputs)
  } catch (error) {
    link.send({ call, kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}
