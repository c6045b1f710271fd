import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Action, RunAction } from '../http/action'
import { sendAnswer, sendJson } from '../http/sendAnswer'

/** Whether a process can answer all that it is there for, and if not, why. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Answers a request, whatever its method. */
export type Answer = (message: IncomingMessage, response: ServerResponse) => Promise<void>

export interface AdminPagesOptions {
  /** In Prometheus' text form. */
  metricsText(): Promise<string>
  readiness(): Readiness
  readonly actions: ReadonlyMap<string, Action>
  readonly runAction: RunAction
}

/** What operators and their tools ask of a process, by path. */
export function createAdminPages(options: AdminPagesOptions): ReadonlyMap<string, Answer> {
  const { metricsText, readiness, actions, runAction } = options
  const pages = new Map<string, Answer>([
    ['/health/live', sendLive],
    [
      '/health/ready',
      async (_, response) => {
        const { ready, reasons } = readiness()
        sendJson(response, ready ? 200 : 503, { ready, reasons })
      },
    ],
    [
      '/metrics',
      async (_, response) =>
        sendAnswer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await metricsText()),
    ],
  ])
  for (const [path, action] of actions)
    pages.set(path, (message, response) => runAction(message, response, action))
  return pages
}

/** What probes of anybody are told at the door of the graph, by path: names of models and what is wrong with them are no part of it. */
export function createProbePages(readiness: () => Readiness): ReadonlyMap<string, Answer> {
  return new Map<string, Answer>([
    ['/health/live', sendLive],
    [
      '/health/ready',
      async (_, response) => {
        const { ready } = readiness()
        sendJson(response, ready ? 200 : 503, { ready })
      },
    ],
  ])
}

async function sendLive(_: IncomingMessage, response: ServerResponse): Promise<void> {
  sendJson(response, 200, { live: true })
}
