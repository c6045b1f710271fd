import type { MetricReport } from '../../telemetry/prometheus'

/** What a serving process tells the one that started it. */
export type FromMember =
  /** It serves, with everything loaded. */
  | { readonly presage: 'ready'; readonly url: string }
  /** It wants to know what all have measured. */
  | { readonly presage: 'ask'; readonly id: number }
  | { readonly presage: 'report'; readonly id: number; readonly report: readonly MetricReport[] }

/** What the process that started the others tells one of them. */
export type ToMember =
  /** It shall answer with a report. */
  | { readonly presage: 'measure'; readonly id: number }
  /** Of all that answered in time. */
  | {
      readonly presage: 'reports'
      readonly id: number
      readonly reports: readonly (readonly MetricReport[])[]
    }

/** Whether something that came over the channel is one of these messages; Node's cluster sends its own there. */
export function isOurs(message: unknown): message is FromMember & ToMember {
  return typeof message === 'object' && message !== null && 'presage' in message
}
