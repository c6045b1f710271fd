import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../../support/until'
import { Client, type ClientOptions, type Tally } from './client'
import { footprint, isBackAt } from './footprint'
import type { Stage } from './stage'

/** A server, as far as a trouble beside a client looks at it. */
export interface Watched {
  readonly url: string
  readonly pid: number
  /** Connections that it may keep to others; default none. */
  readonly kept?: number
  stderr(): string
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

const calmMs = 1_000

/**
 * Has a trouble happen beside a client, and tells the stage whether what is promised of every trouble holds: before it all is right, and
 * when it is over so it is again, in the same process, which holds about what it held and ends with 0 when it is told to.
 */
export async function besideClient(
  stage: Stage,
  server: Watched,
  options: ClientOptions,
  cause: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await Client.start(server.url, options)
  try {
    const calm = await client.during(() => wait(calmMs))
    stage.promise('before the trouble every answer is right', isAllRight(calm), calm)
    const before = footprint(server.pid)
    await cause(client)
    stage.saw(`served again after ${await client.isServed(40_000)} ms`)
    await until(() => isBackAt(before, footprint(server.pid), server.kept), {
      everyMs: 100,
    }).catch(() => {
      stage.promise('descriptors and memory come back', false, { before, now: footprint(server.pid) })
    })
  } finally {
    client.stop()
  }
  const code = await Promise.race([server.stop('SIGTERM'), wait(45_000, 'none', { ref: false })])
  stage.promise('SIGTERM ends it with 0', code === 0, `${code}: ${server.stderr().slice(-500)}`)
}

export function isAllRight({ sent, right }: Tally): boolean {
  return right === sent && sent > 0
}

/** Whether nothing failed but with one of these. */
export function failsOnlyWith({ failed }: Tally, codes: readonly string[]): boolean {
  return Object.keys(failed).every((code) => codes.includes(code))
}

/** A tally in a few words, for the table. */
export function inShort({ sent, right, failed, slowestMs }: Tally): string {
  const failures = Object.entries(failed).map(([code, count]) => `, ${count} ${code}`)
  return `${right} of ${sent} right${failures.join('')}, slowest ${slowestMs} ms`
}
