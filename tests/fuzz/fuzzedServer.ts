import { readFileSync } from 'node:fs'
import { cpuSecondsOf } from '../../bench/processTree'
import { startProcess, writeConfig } from '../support/serverProcess'
import { createAsker, type Received, type Sent } from './asker'

/** The example service as users run it, in a process of its own, so that a crash, a hang or a leak of it shows. */
export interface FuzzedServer {
  readonly port: number
  ask(sent: Sent): Promise<Received>
  /** Memory that its process holds. */
  residentBytes(): number
  /** What its process has computed so far, whatever else the machine did. */
  cpuSeconds(): number
  stderr(): string
  /** Ends it; throws unless it ends well. */
  stop(): Promise<void>
}

/** A request whose answer is the same before and after whatever else was sent. */
export const goodRequest: Sent = {
  body: JSON.stringify({
    query:
      '{ titles(first: 2) { id predictedRating(memberId: "12") } messages(first: 1) { abuse { probability } } }',
  }),
}

export async function startFuzzedServer(): Promise<FuzzedServer> {
  const server = await startProcess(
    // Whatever is sent here is new.
    writeConfig(({ limits }) => ({ limits: { ...limits, newOperations: 1_000_000 } })),
  )
  const { ask, close } = createAsker(server.url)
  const predicts = async () => !(await ask(goodRequest)).text.includes('"errors"')
  while (!(await predicts())) await new Promise((resolve) => setImmediate(resolve)) // still loading models
  return {
    port: Number(new URL(server.url).port),
    ask,
    residentBytes: () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024,
    cpuSeconds: () => cpuSecondsOf([server.pid]),
    stderr: server.stderr,
    async stop() {
      close()
      const end = await server.stop()
      if (end !== 0) throw new Error(`the server ended with ${end}: ${server.stderr()}`)
    },
  }
}
