import { useEffect, useRef, useState } from 'preact/hooks'
import { tick } from './poll'
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
 * What `ask` brings. It is asked again when `key` or the token changes, and with `every` after so many ticks. Data of
 * earlier ticks stay until new ones come; those of another key do not. With the key undefined nothing is asked.
 */
export function useSent<T>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Sent<T>>,
  every?: number,
): Resource<T> {
  const [state, setState] = useState<{ key?: string; sent?: Sent<T> }>({})
  const [turn, setTurn] = useState(0)
  const whole = key === undefined ? undefined : `${token.value} ${key}`
  const latest = useRef(ask)
  latest.current = ask
  // The tick and the turn are read by nothing here: when they change, it asks again.
  useEffect(() => {
    if (whole === undefined) return
    const abort = new AbortController()
    latest.current(abort.signal).then(
      (sent) => {
        if (!abort.signal.aborted) setState({ key: whole, sent })
      },
      () => {},
    )
    return () => abort.abort()
  }, [whole, every === undefined ? 0 : Math.floor(tick.value / every), turn])
  const own = state.key === whole ? state.sent : undefined
  return {
    data: own?.data,
    problems: own?.problems ?? [],
    isLoading: whole !== undefined && own === undefined,
    reload: () => setTurn((count) => count + 1),
  }
}
