import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { compiledPath } from '../lib/packagePaths'

/** Milliseconds of a clock that is the same in all threads of a process. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Wakes the event loop at given times, where a timer of its own would be a millisecond or two late. */
export class Punctual {
  private constructor(private readonly thread: Worker) {}

  /** Resolves when its thread is there. */
  static async start(): Promise<Punctual> {
    const thread = new Worker(compiledPath('bench/punctualThread'))
    await once(thread, 'online')
    return new Punctual(thread)
  }

  /**
   * Calls back at each of these times (`now`, in order), some hundredths of a millisecond late where the machine is free; those that are closer
   * together share a call. Resolves when the last is over. To be called once.
   */
  async run(times: Float64Array, call: () => void): Promise<void> {
    const { thread } = this
    thread.on('message', call)
    thread.postMessage(times)
    await once(thread, 'exit')
  }
}
