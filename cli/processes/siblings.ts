import type { PrometheusMetrics } from '../../telemetry/prometheus'
import { member } from './member'
import { isOurs, type ToMember, tell } from './messages'
import { OpenQuestions } from './openQuestions'

export interface SharedMetrics {
  /** The text of `/metrics`: of all that serve together, summed. */
  text(): Promise<string>
  /** Tells what this process has measured, before it ends. */
  stop(): Promise<void>
}

export function shareMetrics(metrics: PrometheusMetrics): SharedMetrics {
  if (member === undefined) return { text: metrics.text, async stop() {} }
  const questions = new OpenQuestions<string>()
  const report = async () => tell({ presage: 'report', report: await metrics.report() })
  process.on('message', (message: unknown) => {
    if (!isOurs<ToMember>(message)) return
    if (message.presage === 'measure') void report()
    else if (message.presage === 'text') questions.answered(message.id, message.text)
  })
  return {
    text: () => questions.ask((id) => ({ presage: 'ask', id })),
    stop: report,
  }
}

type Reload = () => Promise<readonly string[]>

/** The same for all that serve together, of which each does it by itself. */
export function shareReload(reload: Reload): Reload {
  if (member === undefined) return reload
  const questions = new OpenQuestions<readonly string[]>()
  process.on('message', async (message: unknown) => {
    if (!isOurs<ToMember>(message)) return
    const { presage } = message
    if (presage === 'reload') {
      const lines = await reload().catch((error: Error) => [error.message])
      await tell({ presage: 'reloaded', id: message.id, lines })
    } else if (presage === 'reloaded') questions.answered(message.id, message.lines)
  })
  return () => questions.ask((id) => ({ presage: 'reload', id }))
}

/** Tells the process that started this one that it serves now. */
export function tellReady(url: string): void {
  if (member !== undefined) void tell({ presage: 'ready', url })
}
