import { queryForProcesses } from '../../console/prometheus/queries'
import { rangeQuery } from '../../console/prometheus/rangeQuery'
import { LoadError, PresageError } from '../../lib/errors'
import { placeInFile } from '../../lib/files/yamlPlaces'
import type { Config } from '../config/config'

type PrometheusSettings = Exclude<Config['console'], boolean>

/** Asks the Prometheus of the console. That it reads no process is no problem: none need run yet. */
export async function checkPrometheus(
  { file }: Config,
  { prometheus: url, labels }: PrometheusSettings,
): Promise<string> {
  const path = 'console.prometheus'
  const now = Date.now()
  try {
    const steps = { first: now, last: now, stepMs: 1_000 }
    const { length } = await rangeQuery(url, queryForProcesses(labels), steps)
    const processes = length === 0 ? 'no process' : length === 1 ? '1 process' : `${length} processes`
    const labelled = Object.keys(labels).length === 0 ? '' : ' with console.labels'
    return `${path} answers, and reads ${processes} of Presage${labelled} now`
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    throw new LoadError([`${placeInFile(file, path)}: ${error.message}; start it, or correct the URL`])
  }
}
