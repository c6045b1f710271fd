import type { PredictionField } from '../../schema/fields/plan'

/** What a field asks, as failures are counted: its objective, or the model that it pins. */
export function askedBy({ target }: PredictionField): string {
  return target.kind === 'objective' ? target.objective : target.model
}
