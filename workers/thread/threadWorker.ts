import { Worker as Thread } from 'node:worker_threads'
import type { Clock } from '../../lib/clock'
import { compiledPath } from '../../lib/packagePaths'
import { type Child, ChildWorker } from '../runtime/childWorker'
import { buffersOf, type ChildReply } from '../runtime/messages'
import type { Worker } from '../runtime/worker'
import { addHungThread } from './hungThreads'

/** Resolves when its runtime is ready; rejects if the thread ends before. `entry` is the compiled file. */
export async function startThreadWorker(
  id: string,
  options: { stallAfterMs: number; clock: Clock; entry?: string },
): Promise<Worker> {
  const thread = new Thread(options.entry ?? compiledPath('workers/thread/entry'), { name: id })
  const worker = await ChildWorker.start(id, threadChild(thread), options)
  worker.stalled(() => addHungThread(thread))
  return worker
}

/** Has no `kill`: the runtime aborts the whole process when a thread is terminated inside `run()`. */
function threadChild(thread: Thread): Child {
  return {
    kind: 'thread',
    send: (request) =>
      thread.postMessage(request, request.kind === 'infer' ? buffersOf(request.tensors) : undefined),
    listen(reply, ended) {
      let thrown: string | undefined
      thread.on('message', (message: ChildReply) => reply(message))
      thread.on('error', (error) => {
        thrown = `it threw ${(error as Error | undefined)?.message ?? error}`
      })
      thread.on('exit', (code) => ended(thrown ?? `it ended itself with code ${code}`))
    },
  }
}
