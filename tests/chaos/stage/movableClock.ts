import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import type { Surroundings } from '../../support/nodeProcess'
import { until } from '../../support/until'
import type { Watched } from './besideClient'
import type { Stage } from './stage'

/** The wall clock of one process. */
export class MovableClock {
  private readonly file: string
  private moves = 0

  constructor(stage: Stage) {
    this.file = join(stage.folder, 'clock')
  }

  /** What the process must be started with. */
  get surroundings(): Surroundings {
    const preload = join(packageRoot, 'tests/chaos/stage/movedClock.js')
    return { environment: { NODE_OPTIONS: `--require ${preload}`, PRESAGE_CHAOS_CLOCK: this.file } }
  }

  /** Settles when it is so many hours from what it was at the start. */
  async moveTo({ pid, stderr }: Pick<Watched, 'pid' | 'stderr'>, hours: number): Promise<void> {
    writeFileSync(this.file, String(hours * 3_600_000))
    process.kill(pid, 'SIGUSR2')
    const moves = ++this.moves
    await until(() => stderr().split('the clock is moved by').length > moves)
  }
}
