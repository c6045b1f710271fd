import { didYouMean, listed } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import { shardsOf } from '../ruleSet/ruleSet'
import type { Part } from './part'
import type { ValidationContext } from './validationContext'

/** `name@version` */
export const versionForm = /^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$/

export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && versionForm.test(value)
}

/** Checks for a `name@version` that exists. Returns it if its form is right. */
export function checkExists(version: Part, known: ValidationContext['known']): string | undefined {
  const { value } = version
  if (!isVersion(value)) {
    if (version.isGiven) version.mustBe('a version of a model, written name@version')
    return undefined
  }
  if (known !== undefined && !known.models.has(value)) {
    const mustBe = 'must be a version of the repository'
    version.refuse(
      version.isOneOfMany
        ? `${mustBe}, got ${keyText(value)}`
        : `${mustBe} ${insteadOf(value, known.models)}`,
    )
  }
  return value
}

/** The versions of the named model if there are any, else all, and what was probably meant. */
function insteadOf(version: string, models: ReadonlySet<string>): string {
  const prefix = `${version.split('@')[0]}@`
  const same = [...models].filter((key) => key.startsWith(prefix)).sort()
  // Of the versions of a model the nearest number is not more likely than another.
  if (same.length > 0) return `(${listed(same)}), got ${keyText(version)}`
  const all = [...models].sort()
  return `(${listed(all)}), got ${keyText(version)}${didYouMean(version, all)}`
}

/**
 * Checks for a version that exists and serves the objective. One that does not fit the contract only causes a warning:
 * else no process could start between a change of the contract and that of the rules.
 */
export function checkVersion(part: Part, { known, objective }: ValidationContext): void {
  const version = checkExists(part, known)
  const misfit = version === undefined ? undefined : known?.unfit?.get(version)
  if (misfit !== undefined) part.warn(`${version} is not fit to serve, so it predicts nothing: ${misfit}`)
  const serves = version === undefined ? undefined : known?.serves.get(version)
  if (serves === undefined || serves.includes(objective)) return
  const came = serves.length === 0 ? 'none' : serves.join(', ')
  part.refuse(`must serve ${objective}, got ${keyText(version!)}, which serves ${came}`)
}

/** Checks for a version that may answer: it must be placed on every shard that a field of the objective names. */
export function checkAnswering(part: Part, context: ValidationContext): void {
  checkVersion(part, context)
  const { known, objective } = context
  const shards = known?.fieldShards.get(objective)
  if (shards === undefined || !isVersion(part.value)) return
  const placed = shardsOf(context, part.value)
  for (const shard of shards) {
    if (placed.includes(shard)) continue
    part.refuse(
      `must be placed on ${shard}, which a field of ${objective} names, got ${placed.map(keyText).join(', ') || 'none'}`,
    )
  }
}
