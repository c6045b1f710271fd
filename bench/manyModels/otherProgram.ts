/** The process of `bench:models` that computes as much as loads do, and nothing else. Ends with its parent. */
import { setPriority } from 'node:os'
import { addedNiceness } from '../../lib/scheduling/giveWay'

/** So many times a second, for so many milliseconds each. */
export interface OtherWork {
  readonly perSecond: number
  readonly ms: number
}

// As the threads of a worker have it.
setPriority(addedNiceness)
let timer: NodeJS.Timeout | undefined
process.on('message', ({ perSecond, ms }: OtherWork) => {
  clearInterval(timer)
  if (perSecond > 0) timer = setInterval(() => compute(ms), 1_000 / perSecond)
})
process.once('disconnect', () => process.exit())

function compute(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
