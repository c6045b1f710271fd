import { show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import type { KnownNames } from '../ruleSet/knownNames'
import { below, type RuleProblems } from '../ruleSet/problems'
import { type RuleSet, shardsOf } from '../ruleSet/ruleSet'
import { checkNamed, type Entries } from './shape'

/** Checks `placement`: a shard or a list of shards per `name@version`, `name` or `*`. Returns it with lists only. */
export function checkPlacement(value: unknown, found: RuleProblems): RuleSet['placement'] {
  const placement = checkNamed(value, 'placement', 'shards', found)
  const lists = Object.entries(placement).map(([key, shards]) => {
    return [key, checkShards(shards, below('placement', key), found)] as const
  })
  return Object.fromEntries(lists)
}

function checkShards(value: unknown, path: string, found: RuleProblems): readonly string[] {
  if (!Array.isArray(value)) return isShard(value, path, found) ? [value] : []
  if (value.length === 0) found.refuse(path, 'must name a shard, got []')
  return value.filter((shard, at): shard is string => isShard(shard, below(path, at), found))
}

function isShard(value: unknown, path: string, found: RuleProblems): value is string {
  if (typeof value === 'string' && value !== '') return true
  found.refuse(path, `must be a shard, got ${show(value)}`)
  return false
}

/**
 * Checks that the models and shards of a placement exist, and that pinned versions are on the shards that their fields
 * name.
 */
export function checkPlaced(
  placement: RuleSet['placement'],
  written: Entries,
  known: KnownNames,
  found: RuleProblems,
): void {
  const names = new Set([...known.models].map((key) => key.split('@')[0]))
  for (const [key, shards] of Object.entries(placement)) {
    const path = below('placement', key)
    if (key !== '*' && !known.models.has(key) && !names.has(key)) {
      const wanted = [...names].sort().join(', ') || 'there is none'
      found.refuse(
        path,
        `must be a model, name@version or * (${wanted}), got ${keyText(key)}${didYouMean(key, names)}`,
      )
    }
    shards.forEach((shard, at) => {
      if (known.shards === undefined || known.shards.has(shard)) return
      const wanted = [...known.shards].sort().join(', ')
      const place = Array.isArray(written[key]) ? below(path, at) : path
      found.refuse(
        place,
        `must be a shard (${wanted}), got ${keyText(shard)}${didYouMean(shard, known.shards)}`,
      )
    })
  }
  for (const { field, model, shard } of known.pins) {
    const versions = model.includes('@')
      ? [model]
      : [...known.models].filter((key) => key.startsWith(`${model}@`))
    for (const version of versions) {
      const placed = shardsOf({ placement }, version)
      if (placed.includes(shard)) continue
      const key = [version, version.split('@')[0], '*'].find((one) => Object.hasOwn(placement, one))
      found.refuse(
        key === undefined ? 'placement' : below('placement', key),
        `must put ${version} on ${shard}, where ${field} asks for it, got ${placed.map(keyText).join(', ')}`,
      )
    }
  }
}
