import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../../cli/config/config'
import type { Surroundings } from '../../support/nodeProcess'
import { type ServerProcess, startProcess, writeConfig } from '../../support/serverProcess'

export type Change = (config: Record<string, unknown> & Config) => object

/** Where a trouble takes place: what was started for it, what was seen, and which promises did not hold. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'presage-chaos-'))
  readonly seen: string[] = []
  readonly broken: string[] = []
  private readonly ends: (() => unknown)[] = []

  /** A fact for the table. */
  saw(fact: string): void {
    this.seen.push(fact)
  }

  /** Something that is promised, whether it was kept, and what came instead. */
  promise(what: string, isKept: boolean, came: unknown = ''): void {
    if (!isKept) this.broken.push(`${what}; came: ${typeof came === 'string' ? came : JSON.stringify(came)}`)
  }

  /** What must be done when the trouble is over, however it went; the latest first. */
  atEnd(act: () => unknown): void {
    this.ends.push(act)
  }

  /** The example in one process, with changes laid over its configuration. */
  async start(change: Change = () => ({}), surroundings?: Surroundings): Promise<ServerProcess> {
    const patiently: Change = (config) => ({
      // So that a machine which is busy with others is not taken for a broken promise.
      server: { ...config.server, timeout: 20_000, grace: 30_000 },
      ...change(config),
    })
    const server = await startProcess(writeConfig(patiently), undefined, surroundings)
    this.atEnd(() => server.stop('SIGKILL'))
    return server
  }

  async end(): Promise<void> {
    for (const act of this.ends.reverse()) await act()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
