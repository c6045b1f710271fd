/** The thread of `Punctual`: sleeps until one time after the other, and says so. */
import { parentPort } from 'node:worker_threads'
import { now } from './punctual'

const never = new Int32Array(new SharedArrayBuffer(4))
/** In milliseconds: about what it takes until the other thread is awake. */
const shortest = 0.05

parentPort!.once('message', (times: Float64Array) => {
  for (let at = 0; at < times.length; ) {
    const rest = times[at] - now()
    if (rest > 0) Atomics.wait(never, 0, 0, Math.max(rest, shortest))
    // Before the other thread is told: what comes due after it has looked needs a call of its own.
    for (const woken = now(); at < times.length && times[at] <= woken; ) at++
    parentPort!.postMessage(undefined)
  }
})
