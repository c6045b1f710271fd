import { MessageChannel } from 'node:worker_threads'

/** A closed port takes what is moved to it, as the standard has it, and there is nobody to have it: it is freed at once. */
const nowhere = new MessageChannel().port1
nowhere.close()

/**
 * Gives the memory of buffers back, which are empty afterwards. A worker thread makes so few objects of its own that its collector hardly
 * ever runs, and each batch leaves megabytes behind that only look like a few bytes.
 */
export function releaseBuffers(buffers: readonly ArrayBuffer[]): void {
  // What has been moved already cannot be moved again.
  const own = buffers.filter(({ byteLength }) => byteLength > 0)
  nowhere.postMessage(undefined, own)
}
