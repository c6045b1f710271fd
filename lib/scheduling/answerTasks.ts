import { type MessagePort, parentPort } from 'node:worker_threads'
import { LoadError } from '../errors'
import { invariant } from '../invariant'

/** What a task's thread says to the one that asked. */
export type TaskMessage =
  /** What it is at from now on, or still. */
  | { readonly kind: 'at'; readonly what: string }
  | { readonly kind: 'done'; readonly reply: unknown }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export interface TaskLink {
  /** Says what it is at, as often as it goes on with it: what it has not said anything of for long is taken to hang. */
  at(what: string): void
  /** Gives a part of what is too large for one message. */
  part(value: unknown): void
}

/** What a thread of `TaskThread` runs: does one task after the other by `run`, which throws a LoadError where it refuses one. */
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
