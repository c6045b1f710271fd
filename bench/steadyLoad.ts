import { Agent } from 'node:http'
import { post } from './post'

/** One question and how it went; times are of `performance.now()`. */
export interface Answered {
  readonly n: number
  readonly sentAt: number
  readonly endedAt: number
  /** Undefined where it failed. */
  readonly text: string | undefined
  readonly problem: string | undefined
}

export interface SteadyLoad {
  /** Sends nothing more; resolves when all that was sent has been answered. */
  stop(): Promise<void>
}

/** So many that none waits for a connection while the server takes its time. */
const mostConnections = 256

/**
 * An open loop: `perSecond` questions a second, sent when their time has come, whether or not others have been answered. Where
 * the client itself was held up it sends what is due at once. `headers` are sent beside those of JSON; `agent` keeps the connections, and is
 * destroyed at the end.
 */
export function steadyLoad(
  url: string,
  perSecond: number,
  body: (n: number) => string,
  onAnswer: (answered: Answered) => void,
  headers: Readonly<Record<string, string>> = {},
  agent = new Agent({ keepAlive: true, maxSockets: mostConnections }),
): SteadyLoad {
  const start = performance.now()
  const open = new Set<Promise<void>>()
  let next = 0
  let timer: NodeJS.Timeout
  const send = async (n: number) => onAnswer(await ask(url, agent, body(n), n, headers))
  const due = (n: number) => start + (n * 1000) / perSecond
  const tick = () => {
    while (due(next) <= performance.now()) {
      const sent: Promise<void> = send(next++).finally(() => open.delete(sent))
      open.add(sent)
    }
    timer = setTimeout(tick, due(next) - performance.now())
  }
  tick()
  return {
    async stop() {
      clearTimeout(timer)
      await Promise.all(open)
      agent.destroy()
    },
  }
}

/** A closed loop: `clients` clients with a kept connection each ask one question after the other. */
export function closedLoad(
  url: string,
  clients: number,
  body: (n: number) => string,
  onAnswer: (answered: Answered) => void,
): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let next = 0
  let isOver = false
  const client = async () => {
    while (!isOver) {
      const n = next++
      onAnswer(await ask(url, agent, body(n), n))
    }
  }
  const over = Promise.all(Array.from({ length: clients }, client))
  return {
    async stop() {
      isOver = true
      await over
      agent.destroy()
    },
  }
}

/** Asks one question; never rejects. */
export async function ask(
  url: string,
  agent: Agent,
  body: string,
  n: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const sentAt = performance.now()
  try {
    const text = await post(url, agent, body, headers)
    return { n, sentAt, endedAt: performance.now(), text, problem: undefined }
  } catch (error) {
    return { n, sentAt, endedAt: performance.now(), text: undefined, problem: (error as Error).message }
  }
}
