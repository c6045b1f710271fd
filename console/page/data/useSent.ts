import { useEffect, useRef, useState } from 'preact/hooks'
import { often, slow, tick } from './poll'
import type { Problem } from './problem'
import type { Sent } from './send'
import { token } from './token'

export interface Resource<T> {
  readonly data?: T
  readonly problems: readonly Problem[]
  readonly isLoading: boolean
  reload(): void
}

/**
 * What `ask` brings. It is asked again when `key` or the token changes, and after `every` so many ticks. Data of earlier
 * ticks stay until the server answers again; those of another key do not. With the key undefined nothing is asked.
 */
export function useSent<T>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Sent<T>>,
  every = slow,
): Resource<T> {
  const [state, setState] = useState<{ key?: string; sent?: Sent<T> }>({})
  const [turn, setTurn] = useState(0)
  const whole = key === undefined ? undefined : `${token.value} ${key}`
  const latest = useRef(ask)
  latest.current = ask
  const own = state.key === whole ? state.sent : undefined
  const isUnanswered = own?.problems.some(({ keepsOld }) => keepsOld) === true
  // The tick and the turn are read by nothing here: when they change, it asks again.
  useEffect(() => {
    if (whole === undefined) return
    const abort = new AbortController()
    latest.current(abort.signal).then(
      (sent) => {
        if (abort.signal.aborted) return
        setState((old) => {
          const isKept =
            sent.problems.some(({ keepsOld }) => keepsOld) &&
            old.key === whole &&
            old.sent?.data !== undefined
          return isKept ? old : { key: whole, sent }
        })
      },
      () => {},
    )
    return () => abort.abort()
  }, [whole, Math.floor(tick.value / (isUnanswered ? often : every)), turn])
  return {
    data: own?.data,
    problems: own?.problems ?? [],
    isLoading: whole !== undefined && own === undefined,
    reload: () => setTurn((count) => count + 1),
  }
}
