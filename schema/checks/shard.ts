import { nearMiss } from '../../lib/files/nearMiss'
import type { Target } from '../fields/contract'
import type { Site } from '../fields/site'

/**
 * The shard that a field names must exist, and every version of a pinned model that may answer must be placed on it.
 */
export function checkShard(site: Site, { target, contracts }: Target): void {
  const { shard } = site.args
  if (shard == null) return
  if (!site.catalog.shards.includes(shard)) {
    site.refuse(`shard must be a known one, got "${shard}"${nearMiss(shard, site.catalog.shards)}`)
    return
  }
  if (target.kind !== 'model' || site.catalog.shardsOf === undefined) return
  for (const { label } of contracts) {
    const placed = site.catalog.shardsOf(label)
    if (placed.includes(shard)) continue
    site.refuse(
      `shard must be one that ${label} is placed on (${placed.length === 0 ? 'none' : placed.join(', ')}), got "${shard}"`,
    )
  }
}
