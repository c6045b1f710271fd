import { signal } from '@preact/signals'

const everyMs = 10_000

/** Every how many ticks something is asked for again. */
export const often = 1
/** For what changes slowly, or is long: once a minute. */
export const slow = 6

/**
 * Counts up when what is shown should be asked for again: every ten seconds, but only while the page can be seen, and by
 * all that were missed when it can be seen again.
 */
export const tick = signal(0)

/** Counts up when everything should be asked for anew, also what changes slowly or is being asked for. */
export const refreshes = signal(0)

let last = Date.now()

export function refresh(): void {
  last = Date.now()
  refreshes.value++
}

export function startPolling(): void {
  const look = () => {
    // The clock may have been set back.
    last = Math.min(last, Date.now())
    const due = Math.floor((Date.now() - last) / everyMs)
    if (document.visibilityState !== 'visible' || due < 1) return
    last = Date.now()
    tick.value += due
  }
  setInterval(look, 1000)
  document.addEventListener('visibilitychange', look)
}
