import { access, readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { isMainThread } from 'node:worker_threads'

/**
 * What is added to the process's niceness: a third of the weight of what wants the same core, and woken after it. Not more, for beside other
 * programs of the machine a model must come to its turn as well.
 */
export const addedNiceness = 5

/**
 * Has this worker, a thread or a process, run after the thread that serves HTTP where there are fewer cores than both need: that one answers,
 * refuses and hands out batches while workers compute. Where no core is short it changes nothing.
 *
 * Linux alone knows a thread's own priority; elsewhere threads stay as they are.
 */
export function giveWay(added = addedNiceness): void {
  // A thread has the priority of the one that starts it, and those that read files are the whole process's: now they are there.
  access('/', () => {})
  try {
    const niceness = getPriority(process.pid) + added
    setPriority(isMainThread ? process.pid : threadId(), Math.min(niceness, constants.priority.PRIORITY_LOW))
  } catch {
    // Not every sandbox has /proc, or lets a process say so, and all works without.
  }
}

/** The kernel's; throws where it tells none. */
function threadId(): number {
  return Number(readlinkSync('/proc/thread-self').split('/').pop())
}
