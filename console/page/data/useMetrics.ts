import { useRef } from 'preact/hooks'
import { joinAnswers, type MetricsAnswer, type MetricsQuestion, metricsPath } from './metrics'
import { often } from './poll'
import { send } from './send'
import { token } from './token'
import { type Resource, useSent } from './useSent'

/** A poll brings only new steps, unless the series are the top ones of the hour, which may become others. */
export function useMetrics(question: MetricsQuestion | undefined): Resource<MetricsAnswer> {
  const key = question && metricsPath(question)
  const kept = useRef<{ key: string; answer: MetricsAnswer } | undefined>(undefined)
  return useSent<MetricsAnswer>(
    key,
    async (signal) => {
      const whole = `${token.peek()} ${key}`
      const old = kept.current?.key === whole && question!.top === undefined ? kept.current.answer : undefined
      const since = old?.times.at(-1)
      const sent = await send<MetricsAnswer>(metricsPath(question!, since), { signal })
      if (sent.data === undefined) return sent
      const answer = old === undefined || since === undefined ? sent.data : joinAnswers(old, sent.data)
      kept.current = { key: whole, answer }
      return { ...sent, data: answer }
    },
    often,
  )
}
