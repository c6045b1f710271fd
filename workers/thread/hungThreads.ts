import type { Worker as Thread } from 'node:worker_threads'

const hung = new Set<Thread>()

/** Counts a thread that does not come back from a call, until it ends. */
export function addHungThread(thread: Thread): void {
  hung.add(thread)
  thread.once('exit', () => hung.delete(thread))
}

/** Whether threads of this process hang. Node waits for them when it exits. */
export function hasHungThreads(): boolean {
  return hung.size > 0
}
