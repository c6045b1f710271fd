import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker as Thread } from 'node:worker_threads'
import { LoadError } from '../errors'
import { compiledPath } from '../packagePaths'
import type { TaskMessage } from './answerTasks'

export interface TaskThreadOptions {
  /** The thread's main module, which calls `answerTasks`, in the form for `compiledPath`. */
  readonly entry: string
  /** How long a task may work on one thing, in milliseconds; default 30 s. */
  readonly limitMs?: number
  /** The most memory of its JavaScript heap; default 1 GiB. */
  readonly heapMiB?: number
}

export interface TaskResult<Reply> {
  readonly reply: Reply
  /** The parts that it sent, in order. Each is copied to this thread when it is read. */
  readonly parts: Iterable<unknown>
}

/** How long an idle thread is kept: most of a start is spent on loading modules. */
const idleMs = 2_000

/**
 * A thread for work that may be slow or never end and must not block this one. It does one task after the other. A
 * thread that works on one thing for too long, or needs too much memory, is ended, and the next task gets a new one.
 * There is no thread while there is nothing to do.
 */
export class TaskThread<Task, Reply> {
  private thread: Thread | undefined
  private last: Promise<unknown> = Promise.resolve()
  private idle: NodeJS.Timeout | undefined
  private stopNow: (() => void) | undefined
  private isStopped = false

  constructor(private readonly options: TaskThreadOptions) {}

  /** Rejects with a LoadError if refused or beyond the limits, which names what it worked on, at first `about`. */
  run(task: Task, about: string): Promise<TaskResult<Reply>> {
    const result = this.last.then(() => this.runNow(task, about))
    this.last = result.catch(() => {})
    return result
  }

  /** Abandons the current task, and refuses further ones. */
  stop(): void {
    this.isStopped = true
    this.stopNow?.()
    this.end()
  }

  private async runNow(task: Task, about: string): Promise<TaskResult<Reply>> {
    if (this.isStopped) throw new LoadError([`${about}: is not read, because this process is shutting down`])
    clearTimeout(this.idle)
    this.thread ??= this.start()
    const { port1: parts, port2: giver } = new MessageChannel()
    this.thread.ref()
    this.thread.postMessage({ task, giver }, [giver])
    try {
      return { reply: await this.answer(this.thread, about), parts: received(parts) }
    } catch (error) {
      parts.close()
      throw error
    } finally {
      this.thread?.unref()
      this.idle = setTimeout(() => this.end(), idleMs).unref()
    }
  }

  private answer(thread: Thread, about: string): Promise<Reply> {
    const { limitMs = 30_000, heapMiB = defaultHeapMiB } = this.options
    let at = about
    return new Promise((resolve, reject) => {
      const giveUp = (sentence: string) => {
        this.end()
        reject(new LoadError([`${at}: ${sentence}`]))
      }
      const limit = setTimeout(() => over(() => giveUp(`must be read within ${limitMs / 1000} s`)), limitMs)
      const hear = (message: TaskMessage) => {
        if (message.kind === 'at') {
          at = message.what
          limit.refresh()
        } else if (message.kind === 'done') over(() => resolve(message.reply as Reply))
        else over(() => reject(new LoadError(message.problems)))
      }
      const fail = (error: NodeJS.ErrnoException) => {
        const tooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        over(() => giveUp(tooLarge ? `must be read with ${heapMiB} MiB of memory` : error.message))
      }
      const exit = (code: number) => over(() => giveUp(`its reader ended with code ${code}`))
      const over = (settle: () => void) => {
        clearTimeout(limit)
        this.stopNow = undefined
        thread.off('message', hear).off('error', fail).off('exit', exit)
        settle()
      }
      this.stopNow = () => over(() => giveUp('is not read, because this process is shutting down'))
      thread.on('message', hear).on('error', fail).on('exit', exit)
    })
  }

  private start(): Thread {
    const { entry, heapMiB = defaultHeapMiB } = this.options
    const thread = new Thread(compiledPath(entry), {
      name: entry,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    })
    // An error of an idle thread only ends the thread.
    return thread
      .on('error', () => {})
      .on('exit', () => {
        if (this.thread === thread) this.thread = undefined
      })
  }

  /** Not awaited: the thread may be inside a system call that never returns. */
  private end(): void {
    clearTimeout(this.idle)
    const { thread } = this
    this.thread = undefined
    void thread?.terminate()
  }
}

const defaultHeapMiB = 1024

function* received(parts: MessagePort): Generator<unknown> {
  try {
    for (;;) {
      const message = receiveMessageOnPort(parts) as { readonly message: unknown } | undefined
      if (message === undefined) return
      yield message.message
    }
  } finally {
    parts.close()
  }
}
