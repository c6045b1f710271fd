import { systemClock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import type { FoundVersion } from '../../models/repository/repository'
import { loadVersion } from '../../serving/repository/loadVersion'
import { createShard } from '../../workers/shard'
import type { Config } from '../config/config'
import type { CheckedVersions } from '../doctor/graph'
import { loadRepositories } from '../graph/repositories'
import { notReady } from '../modelCommands/read/repositories'
import { type JsonOption, printChecked } from '../terminal/printResult'
import { Progress } from '../terminal/progress'

/**
 * Checks every version of the repositories as a start would: files, session, signature, objectives, warm-up, golden
 * cases. Prints a line for each, and throws a LoadError that lists those not fit to serve. With JSON, the problems are
 * part of the output.
 */
export async function checkModels(config: Config, options: JsonOption): Promise<void> {
  const progress = new Progress()
  const { ready, unchecked, refused } = await checkVersions(config, progress, ({ key, goldenPath }) => {
    const note = goldenPath === undefined ? ' (no golden cases)' : ''
    if (!options.json) progress.print(`${key} is ready${note}`, process.stdout)
  })
  progress.end()
  printChecked(refused, { ready, unchecked, problems: refused }, options)
}

/** Calls `onReady` with each version that passes. */
export async function checkVersions(
  config: Pick<Config, 'file' | 'repositories'>,
  progress: Progress,
  onReady: (version: FoundVersion) => void = () => {},
): Promise<CheckedVersions> {
  const { objectives, versions, problems } = loadRepositories(config)
  const ready: string[] = []
  const unchecked: string[] = []
  const refused = [...problems]
  const shard = await createShard({
    ...{ name: 'check', kind: 'thread', workers: 1, inline: 'never' },
    // Each version leaves before the next one comes: all together may take more memory than there is.
    loadsOften: true,
  })
  for (const [place, version] of versions.entries()) {
    progress.tell(() => `checking models: ${place + 1} of ${versions.length}, ${version.key}`)
    try {
      if (version.state === 'refused') throw new LoadError(version.problems)
      await loadVersion(version, [shard], objectives, systemClock)
      await shard.unload(version.key)
      ready.push(version.key)
      if (version.goldenPath === undefined) unchecked.push(version.key)
      onReady(version)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      refused.push(...notReady({ key: version.key, problems: error.problems }))
    }
  }
  await shard.dispose()
  return { ready, unchecked, refused }
}
