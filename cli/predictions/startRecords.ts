import { LoadError } from '../../lib/errors'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { OutputDistributions } from '../../serving/distributions/outputDistributions'
import { droppedHelp, type ExposureParts, Exposures } from '../../serving/exposure/exposures'
import { LineFile } from '../../serving/exposure/lineFile'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { ShadowComparisons } from '../../serving/shadow/shadowComparisons'
import { Shadows } from '../../serving/shadow/shadows'
import type { Config } from '../config/config'
import { createLog } from '../config/logConfig'

/** The records made after answers: shadow comparisons, distributions of outputs, exposures. */
export interface Records {
  readonly comparisons: ShadowComparisons
  readonly distributions: OutputDistributions
  /** Resolves when pending shadows are over and all exposures are written. */
  dispose(): Promise<void>
}

/** Listens to the answers of `serving`. Rejects with a LoadError if the file of exposures cannot be written. */
export async function startRecords(
  { file: configFile, shadows: settings, exposures, log: logSettings }: Config,
  serving: PredictionRuntime,
  log: (line: string) => void,
): Promise<Records> {
  const { clock, metrics } = serving
  const { rows: maxRows, deadline: deadlineMs, pairs: maxPairs, tolerance, k, examples } = settings
  const comparisons = new ShadowComparisons({ maxPairs, tolerance, k, examples }, metrics)
  let file: LineFile | undefined
  if (exposures !== undefined) {
    const lost = (reason: string, lines: number) =>
      metrics.counter('presage_exposures_dropped_total', droppedHelp, { reason }).inc(lines)
    file = new LineFile({ path: exposures.file, clock, lost, log })
    await file.open().catch((error: Error) => {
      throw new LoadError([
        `${pathInFile(configFile, 'exposures.file')}: must be a file that can be written to, got ${shortPath(exposures.file)}: ${error.message}`,
      ])
    })
  }
  const shadows =
    maxRows > 0 ? new Shadows(serving, { maxRows, deadlineMs }, createLog(logSettings)) : undefined
  shadows?.shadowed((rows) => comparisons.record(rows))
  const distributions = new OutputDistributions({ serving, shadows, clock })
  const write: ExposureParts['write'] = (line, counter) => file!.add(line, counter)
  const recorder = file && new Exposures({ runtime: serving, shadows, sample: exposures!.sample, write })
  return {
    comparisons,
    distributions,
    async dispose() {
      distributions.dispose()
      await shadows?.dispose()
      recorder?.dispose()
      await file?.close()
    },
  }
}
