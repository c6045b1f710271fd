import type { Worker } from 'node:cluster'
import type { Increase } from '../../console/history/increases'
import type { MetricsAnswer } from '../../console/metrics/answer'
import type { ErrorCode } from '../../lib/errors'
import type { MetricReport } from '../../telemetry/prometheus'

/** What a serving process tells the one that started it. */
export type FromMember =
  /** It serves, with everything loaded. */
  | { readonly presage: 'ready'; readonly url: string }
  /** A client asks for the metrics of all. */
  | { readonly presage: 'ask'; readonly id: number }
  /** What it has measured until now. */
  | { readonly presage: 'report'; readonly report: readonly MetricReport[] }
  /** It has a console, and counts for it. */
  | { readonly presage: 'counts' }
  /** Since it told so before. */
  | { readonly presage: 'counted'; readonly increases: readonly Increase[] }
  /** A client asks that repositories be checked now. */
  | { readonly presage: 'reload'; readonly id: number }
  /** It has checked its own. */
  | { readonly presage: 'reloaded'; readonly id: number; readonly lines: readonly string[] }
  /** A client asks the console for metrics, by these parameters of a URL. */
  | { readonly presage: 'show'; readonly id: number; readonly parameters: string }

/** What the process that started the others tells one of them. */
export type ToMember =
  /** It shall answer with a report. */
  | { readonly presage: 'measure' }
  /** The metrics of all. */
  | { readonly presage: 'text'; readonly id: number; readonly text: string }
  /** It shall check its repositories. */
  | { readonly presage: 'reload'; readonly id: number }
  /** What all have found in theirs. */
  | { readonly presage: 'reloaded'; readonly id: number; readonly lines: readonly string[] }
  /** It shall tell what it has counted. */
  | { readonly presage: 'count' }
  | ({ readonly presage: 'shown'; readonly id: number } & Shown)

/** What the console answers. An error without a code is a defect. */
export type Shown =
  | { readonly answer: MetricsAnswer }
  | { readonly refusal: { readonly code?: ErrorCode; readonly message: string } }

/** Whether something that came over the channel is one of these messages; Node's cluster sends its own there. */
export function isOurs<Message extends FromMember | ToMember>(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'presage' in message
}

/** To the process that started this one. Resolves when it is sent, or cannot be. */
export async function tell(message: FromMember): Promise<void> {
  // While this process ends, the channel may be closed already.
  if (!process.connected) return
  await new Promise<unknown>((resolve) => process.send!(message, undefined, undefined, resolve))
}

/** To one of the processes that this one started. */
export function send(worker: Worker, message: ToMember): void {
  // Without a callback, what is sent to a process that has just died is an uncaught error.
  if (worker.isConnected()) worker.send(message, () => {})
}
