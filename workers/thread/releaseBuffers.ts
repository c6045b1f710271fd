import { MessageChannel } from 'node:worker_threads'

/**
 * By the standard, a closed port accepts transferred buffers but delivers them to nobody, so they are freed at once.
 */
const nowhere = new MessageChannel().port1
nowhere.close()

/**
 * Frees the memory of buffers, which are empty afterwards. A worker thread creates so few objects that its garbage
 * collector hardly ever runs, while each batch leaves large buffers that the collector sees as small objects.
 */
export function releaseBuffers(buffers: readonly ArrayBuffer[]): void {
  // A buffer that was transferred already cannot be transferred again.
  const own = buffers.filter(({ byteLength }) => byteLength > 0)
  nowhere.postMessage(undefined, own)
}
