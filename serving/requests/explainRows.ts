import { type ErrorCode, PresageError } from '../../lib/errors'
import { addTo } from '../../lib/groups'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Decision } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import type { CachedSegment } from '../calls/cacheUse'
import type { Prediction } from '../calls/modelCalls'
import type { Target } from '../repository/modelRegistry'
import type { ActiveRules } from '../rules/ruleBook'
import type { DecidedRows, FallbackRows } from './answered'
import type { IgnoredOverride } from './ignoredOverride'

/**
 * Adds explanations to the prediction of decided rows: the decision, the rules that made it, the fallback and the run.
 */
export function explainDecided(
  { decision, decisions, rows }: DecidedRows,
  prediction: Prediction,
  fallback: FallbackRows | undefined,
  decidedBy: DecidedBy,
): Prediction {
  const { segments = [] } = prediction
  const facts = new SharedFacts()
  const made = Array.from({ length: rows }, (_, row) => {
    const segment = segments[row]
    const own = decisions?.[row] ?? decision
    const by = fallback?.by[row]
    const code = fallback?.codes[row]
    return facts.of([own, segment, by, code], () => ({
      ...explainDecision(own, decidedBy),
      ...(by !== undefined && { fallback: { by, code } }),
      ...ran(segment),
    }))
  })
  return { ...prediction, facts: made }
}

export interface DecidedBy {
  readonly rules: ActiveRules
  /** Whether the request named other rules than those that decided. */
  readonly isSkewed: boolean
  /** The override that was not taken. */
  readonly ignored: IgnoredOverride | undefined
}

/** Adds explanations to the prediction of rows of a field that pins a model. */
export function explainPinned({ model, shard }: Target, rows: number, prediction: Prediction): Prediction {
  const { segments = [] } = prediction
  const shared = new SharedFacts()
  const pinned = { model: model.key, shard: shard.name, reason: 'pinned' }
  const facts = Array.from({ length: rows }, (_, row) => {
    return shared.of([segments[row]], () => ({ ...pinned, ...ran(segments[row]) }))
  })
  return { ...prediction, facts }
}

/** Completes the explanations of the rows of one field: adds the field and the error, if any. */
export class FieldFacts {
  private readonly shared = new SharedFacts()

  constructor(private readonly field: PredictionField) {}

  /** `found` is the explanation of the row's prediction; absent if there was none. */
  of(found: ExplainFacts | undefined, error: unknown): ExplainFacts {
    const { coordinate, target } = this.field
    const code = error === undefined ? undefined : codeOf(error)
    return this.shared.of([found, code], () => ({
      field: coordinate,
      ...(target.kind === 'objective' && { objective: target.objective }),
      ...(found ?? (target.kind === 'model' && { model: target.model })),
      ...(code !== undefined && { error: code }),
    }))
  }
}

/** The decision, and the rules that made it. */
export function explainDecision(decision: Decision, { rules, isSkewed, ignored }: DecidedBy): ExplainFacts {
  const { number, sha256 } = rules
  return {
    ruleSet: number,
    // The number 0 stands for a rule file, and means nothing to other processes.
    ...(number === 0 && { ruleSetSha256: sha256 }),
    ...(isSkewed && { skew: true }),
    ...decision,
    ...(ignored !== undefined && { ignoredOverride: ignored }),
  }
}

function ran(segment: CachedSegment | undefined): ExplainFacts | undefined {
  if (segment?.tensors === undefined) return undefined
  const { cache } = segment
  if (cache === 'hit') return { cache }
  const { worker, rows, computeMs } = segment.run
  const facts = {
    worker,
    batchRows: rows,
    queueMs: rounded(segment.queueMs),
    computeMs: rounded(computeMs),
  }
  return cache === undefined ? facts : { cache, ...facts }
}

/** To the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function codeOf(error: unknown): ErrorCode | 'INTERNAL_SERVER_ERROR' {
  return error instanceof PresageError ? error.code : 'INTERNAL_SERVER_ERROR'
}

/** Shares one object between rows with the same explanation. There are few, so a linear search is enough. */
class SharedFacts {
  private readonly known = new Map<unknown, Known[]>()

  of(keys: readonly unknown[], make: () => ExplainFacts): ExplainFacts {
    let found = this.known.get(keys[0])?.find((one) => one.keys.every((key, at) => key === keys[at]))
    if (found === undefined) {
      found = { keys, facts: make() }
      addTo(this.known, keys[0], found)
    }
    return found.facts
  }
}

interface Known {
  readonly keys: readonly unknown[]
  readonly facts: ExplainFacts
}
