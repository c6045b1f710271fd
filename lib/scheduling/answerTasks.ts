import { type MessagePort, parentPort } from 'node:worker_threads'
import { LoadError } from '../errors'
import { invariant } from '../invariant'

/** A message from a task's thread to the thread that started the task. */
export type TaskMessage =
  /** What the task is working on, repeated as long as it makes progress. */
  | { readonly kind: 'at'; readonly what: string }
  | { readonly kind: 'done'; readonly reply: unknown }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export interface TaskLink {
  /** Reports what the task is working on. Call it regularly: a task that is silent for too long is taken to hang. */
  at(what: string): void
  /** Sends a part of a result that is too large for one message. */
  part(value: unknown): void
}

/** The main loop of a `TaskThread`: does task after task with `run`, which throws a LoadError to refuse one. */
export function answerTasks<Task, Reply>(run: (task: Task, link: TaskLink) => Reply): void {
  invariant(parentPort, 'a module that answers tasks must be started as a thread')
  const port = parentPort
  const say = (message: TaskMessage) => port.postMessage(message)
  port.on('message', ({ task, giver }: { readonly task: Task; readonly giver: MessagePort }) => {
    let last = ''
    let saidAt = 0
    const at = (what: string) => {
      if (what === last && performance.now() - saidAt < atMostEveryMs) return
      last = what
      saidAt = performance.now()
      say({ kind: 'at', what })
    }
    try {
      say({ kind: 'done', reply: run(task, { at, part: (value) => giver.postMessage(value) }) })
    } catch (error) {
      say({
        kind: 'refused',
        problems: error instanceof LoadError ? error.problems : [(error as Error).message],
      })
    }
  })
}

const atMostEveryMs = 500
