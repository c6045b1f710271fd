import type { PredictionField } from '../../schema/fields/plan'

/** The name under which a field's failures are counted: its objective, or the model that it pins. */
export function askedBy({ target }: PredictionField): string {
  return target.kind === 'objective' ? target.objective : target.model
}
