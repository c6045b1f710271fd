import type { ShadowComparisons } from './shadowComparisons'
import type { Shadows } from './shadows'

/** Compares every answer of a shadow with the client's answer. */
export function compareShadows(shadows: Pick<Shadows, 'shadowed'>, comparisons: ShadowComparisons): void {
  shadows.shadowed(({ rows, model, objective, prediction, outcomes, ms }) => {
    comparisons.record({
      objective,
      answered: rows.decision.model,
      ...(rows.fallback && { by: rows.fallback.by }),
      shadow: model,
      request: rows.request.id,
      rows,
      answers: rows.prediction.outputs,
      shadows: prediction.outputs,
      outcomes,
      shadowMs: ms,
      answeredMs: rows.ms,
    })
  })
}
