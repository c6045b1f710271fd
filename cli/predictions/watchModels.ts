import type { Clock } from '../../lib/clock'
import { RepositoryWatch } from '../../models/repository/repositoryWatch'
import type { ModelLibrary, Report } from '../../serving/repository/modelLibrary'
import type { Config } from '../config/config'

/** How long a reload waits for what is still being copied. */
const settleMs = 10_000

export interface ModelWatch {
  /** Looks at the folders now. Resolves when what stands still there has been taken up, with a line for each thing that was. */
  reload(): Promise<Report>
  stop(): void
}

export interface ModelWatchParts {
  readonly clock: Clock
  /** One line for the operator. */
  readonly log: (line: string) => void
  /** Told when something that came or went has been taken up. */
  readonly onTaken: () => void
}

/** Follows the repositories' folders; without `models.watch` only when it is asked to. */
export function watchModels(
  { repositories, models }: Config,
  library: ModelLibrary,
  { clock, log, onTaken }: ModelWatchParts,
): ModelWatch {
  /** What was taken up since somebody asked. */
  const listeners = new Set<(report: Report) => void>()
  let last: Promise<unknown> = Promise.resolve()
  const watch = new RepositoryWatch({
    roots: repositories,
    pollMs: models.watch ? models.poll : Number.POSITIVE_INFINITY,
    usesSystem: models.watch,
    clock,
    log,
    onSettled(settled) {
      last = library.take(settled).then(
        (report) => {
          for (const listener of listeners) listener(report)
          if (report.length > 0) onTaken()
        },
        (error: Error) => log(`the repositories could not be read: ${error.stack ?? error.message}`),
      )
    },
  })
  return {
    async reload() {
      const lines: string[] = []
      const listener = (report: Report) => lines.push(...report)
      // What is being taken up already belongs to the answer as well.
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
