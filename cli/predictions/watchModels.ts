import type { Clock } from '../../lib/clock'
import { RepositoryWatch } from '../../models/repository/repositoryWatch'
import type { Appearances } from '../../models/repository/scanRepository'
import type { ModelLibrary, Report } from '../../serving/repository/modelLibrary'
import type { Config } from '../config/config'

/** How long a reload waits for files that are still being copied. */
const settleMs = 10_000

export interface ModelWatch {
  /** Checks the folders now. Resolves with a line for each change, once all are applied. */
  reload(): Promise<Report>
  stop(): void
}

export interface ModelWatchParts {
  readonly clock: Clock
  /** What the files looked like when they were read at the start. */
  readonly first: Appearances
  /** As in `RepositoryWatchOptions`. */
  readonly quietMs?: number | undefined
  readonly log: (line: string) => void
  /** Called when an added or removed version or objective was applied. */
  readonly onTaken: () => void
}

/** Watches the repositories' folders; with `models.watch: false`, only checks them when asked. */
export function watchModels(
  { repositories, models }: Config,
  library: ModelLibrary,
  { clock, first, quietMs, log, onTaken }: ModelWatchParts,
): ModelWatch {
  /** Receive the reports since the reload was requested. */
  const listeners = new Set<(report: Report) => void>()
  let last: Promise<unknown> = Promise.resolve()
  const watch = new RepositoryWatch({
    roots: repositories,
    first,
    quietMs,
    pollMs: models.watch ? models.poll : Number.POSITIVE_INFINITY,
    usesSystem: models.watch,
    clock,
    log,
    onSettled(settled) {
      const taken = library
        .take(settled, (report) => {
          for (const listener of listeners) listener(report)
          onTaken()
        })
        .catch((error: Error) => log(`the repositories could not be read: ${error.stack ?? error.message}`))
      // A large version of an earlier look may still be read.
      last = Promise.all([last, taken]).then(() => {})
    },
  })
  return {
    async reload() {
      const lines: string[] = []
      const listener = (report: Report) => lines.push(...report)
      // A change that is being applied right now belongs in the report as well.
      listeners.add(listener)
      try {
        const moving = await watch.settle(settleMs)
        await last
        return [
          ...lines,
          ...moving.map((path) => `${path}: is still changing; it is read once it stops changing`),
        ]
      } finally {
        listeners.delete(listener)
      }
    },
    stop: () => watch.stop(),
  }
}
