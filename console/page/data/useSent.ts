import { useEffect, useRef, useState } from 'preact/hooks'
import { often, refreshes, slow, tick } from './poll'
import type { Problem } from './problem'
import type { Sent } from './send'
import { token } from './token'

export interface Resource<T> {
  readonly data?: T
  readonly problems: readonly Problem[]
  readonly isLoading: boolean
}

/**
 * What `ask` brings. It is asked again when `key` or the token changes, and after `every` so many ticks, or after one if
 * it failed for a reason that may be over soon. Data of earlier ticks stay until the server answers again; those of
 * another key do not. With the key undefined nothing is asked.
 */
export function useSent<T>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Sent<T>>,
  every = slow,
): Resource<T> {
  const [state, setState] = useState<{ key?: string; sent?: Sent<T>; isPassing?: boolean }>({})
  const whole = key === undefined ? undefined : `${token.value} ${key}`
  const latest = useRef(ask)
  latest.current = ask
  const underWay = useRef<AbortController | undefined>(undefined)
  const askedAt = useRef(Number.NEGATIVE_INFINITY)
  const own = state.key === whole ? state : undefined
  const asked = `${refreshes.value} ${whole}`
  useEffect(
    () => () => {
      underWay.current?.abort()
      askedAt.current = Number.NEGATIVE_INFINITY
    },
    [asked],
  )
  useEffect(() => {
    // A tick does not give up an answer that is late, or nobody would learn of a server that hangs.
    if (whole === undefined || underWay.current?.signal.aborted === false) return
    if (tick.value - askedAt.current < (own?.isPassing ? often : every)) return
    askedAt.current = tick.value
    const abort = new AbortController()
    underWay.current = abort
    latest
      .current(AbortSignal.any([abort.signal, AbortSignal.timeout(patienceMs)]))
      .then(
        (sent) => {
          if (abort.signal.aborted) return
          setState((old) => {
            const isMissed = sent.problems.some(({ keepsOld }) => keepsOld)
            const isKept = isMissed && old.key === whole && old.sent?.data !== undefined
            const isPassing = isMissed || sent.problems.some(({ passes }) => passes)
            return { key: whole, sent: isKept ? old.sent : sent, isPassing }
          })
        },
        () => {},
      )
      .finally(() => {
        if (underWay.current === abort) underWay.current = undefined
      })
  }, [asked, tick.value])
  return {
    data: own?.sent?.data,
    problems: own?.sent?.problems ?? [],
    isLoading: whole !== undefined && own === undefined,
  }
}

/** A server that has not answered after so long does not answer. A Prometheus behind it may take ten seconds. */
const patienceMs = 20_000
