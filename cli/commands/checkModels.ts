import { systemClock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import { loadRepository } from '../../models/repository/repository'
import { loadVersion } from '../../serving/repository/loadVersion'
import { createShard } from '../../workers/shard'
import type { Config } from '../config/config'

/**
 * Brings every version of the repositories up once, as a start would: files, session, signature, objectives, warm-up,
 * golden cases. Prints a line for each, and throws a LoadError with those that are not fit to serve.
 */
export async function checkModels(config: Config): Promise<void> {
  const { objectives, versions, problems } = loadRepository(config.repositories)
  const refused = [...problems]
  const shard = await createShard({ name: 'check', kind: 'thread', workers: 1, inline: 'never' })
  for (const version of versions) {
    try {
      if (version.state === 'refused') throw new LoadError([version.reason])
      await loadVersion(version, [shard], objectives, systemClock)
      console.log(`${version.key} is ready`)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      refused.push(`${version.key} is not ready: ${error.message}`)
    }
  }
  await shard.dispose()
  if (refused.length > 0) throw new LoadError(refused)
}
