import type { IncomingMessage, ServerResponse } from 'node:http'
import { nextTurn } from '../../lib/scheduling/turns'
import type { Action, RunAction } from '../http/action'
import { sendAnswer, sendJson } from '../http/sendAnswer'

/** Whether a process can do its whole job, and if not, why. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Answers a request of any method. */
export type Answer = (message: IncomingMessage, response: ServerResponse) => Promise<void>

export interface AdminPagesOptions {
  /** In Prometheus' text format. */
  metricsText(): Promise<string>
  readiness(): Readiness
  readonly actions: ReadonlyMap<string, Action>
  readonly runAction: RunAction
}

/** The pages for operators and their tools, by path. */
export function createAdminPages(options: AdminPagesOptions): ReadonlyMap<string, Answer> {
  const { metricsText, readiness, actions, runAction } = options
  const pages = statusPages(readiness).set('/metrics', metricsPage(metricsText))
  for (const [path, action] of actions)
    pages.set(path, (message, response) => runAction(message, response, action))
  return pages
}

/** The health pages for probes, by path, without the reasons, which name models and their problems. */
export function createProbePages(isReady: () => boolean): Map<string, Answer> {
  return statusPages(() => ({ ready: isReady() }))
}

function statusPages(readiness: () => Pick<Readiness, 'ready'>): Map<string, Answer> {
  return new Map<string, Answer>([
    ['/health/live', async (_, response) => sendJson(response, 200, { live: true })],
    [
      '/health/ready',
      async (_, response) => {
        const told = readiness()
        sendJson(response, told.ready ? 200 : 503, told)
      },
    ],
  ])
}

/** Who asks while a text is made gets the next one: a text of thousands of series takes long, and is made on this thread. */
export function metricsPage(metricsText: () => Promise<string>): Answer {
  let made: Promise<unknown> = Promise.resolve()
  let next: Promise<Buffer> | undefined
  const make = async () => {
    await made
    // All that have come by now share the text.
    await nextTurn()
    made = next!.catch(() => {})
    next = undefined
    return Buffer.from(await metricsText())
  }
  return async (_, response) => {
    next ??= make()
    sendAnswer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', '', [await next])
  }
}
