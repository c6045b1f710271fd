import type { Decision } from '../ruleSet/router'

/** A version and where it is placed; for a cell, of which experiment. The same object wherever it may answer. */
export interface Answer {
  readonly model: string
  readonly shard: string
  readonly experiment?: string
  readonly cell?: string
}

const noUnit: readonly 'NO_UNIT'[] = Object.freeze(['NO_UNIT'] as const)

type Written = { -readonly [key in keyof Decision]: Decision[key] }

/** A decision without a bucket, to be kept. */
export function fixedDecision(
  objective: string,
  rule: string | undefined,
  { model, shard }: Answer,
  reason: Decision['reason'],
  shadows: readonly string[] | undefined,
  isWithoutUnit: boolean,
): Decision {
  const decision: Written =
    rule === undefined ? { objective, model, shard, reason } : { objective, model, shard, reason, rule }
  if (shadows !== undefined) decision.shadows = shadows
  if (isWithoutUnit) decision.flags = noUnit
  return Object.freeze(decision)
}

/**
 * The decision of a rule that leads to a version, made for each request: making it costs less than reading one that was kept,
 * where there are so many rules that none is in the processor's cache.
 */
export function ruleDecision(objective: string, rule: string, { model, shard }: Answer): Decision {
  return { objective, model, shard, reason: 'rule', rule }
}

/**
 * A decision that tells a bucket, made for each request. Written out by the keys that there are, as the other kind is: an
 * object that is born whole is made several times as fast as one that grows, and has no room to spare.
 */
export function drawnDecision(
  objective: string,
  rule: string | undefined,
  { model, shard, experiment, cell }: Answer,
  reason: Decision['reason'],
  bucket: number,
  shadows: readonly string[] | undefined,
  isWithoutUnit: boolean,
): Decision {
  let decision: Written
  if (experiment === undefined) {
    decision =
      rule === undefined
        ? { objective, model, shard, reason, bucket }
        : { objective, model, shard, reason, rule, bucket }
  } else {
    decision =
      rule === undefined
        ? { objective, model, shard, reason, experiment, cell, bucket }
        : { objective, model, shard, reason, rule, experiment, cell, bucket }
  }
  if (shadows !== undefined) decision.shadows = shadows
  if (isWithoutUnit) decision.flags = noUnit
  return decision
}
