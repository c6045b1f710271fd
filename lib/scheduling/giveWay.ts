import { access, readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { isMainThread } from 'node:worker_threads'

/**
 * Added to the niceness of workers: it gives them about a third of the weight of the HTTP thread. Not more, because
 * models also compete with other programs on the machine.
 */
export const addedNiceness = 5

/**
 * Lowers the priority of this worker, a thread or a process, below the HTTP thread: where cores are scarce, that thread
 * keeps answering, refusing and dispatching while workers compute. With enough cores it changes nothing.
 *
 * Only Linux has a priority per thread; elsewhere threads keep theirs.
 */
export function giveWay(added = addedNiceness): void {
  // libuv's threads, which the whole process uses for file access, inherit the priority of the thread that starts them.
  // This starts them now, before the priority changes.
  access('/', () => {})
  try {
    const niceness = getPriority(process.pid) + added
    setPriority(isMainThread ? process.pid : threadId(), Math.min(niceness, constants.priority.PRIORITY_LOW))
  } catch {
    // Some sandboxes lack /proc or forbid this. Everything works without it.
  }
}

/** The kernel's thread id. Throws if it is unavailable. */
function threadId(): number {
  return Number(readlinkSync('/proc/thread-self').split('/').pop())
}
