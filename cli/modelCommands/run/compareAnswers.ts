import { PresageError } from '../../../lib/errors'
import { measuresOf } from '../../../serving/shadow/measures'
import type { LocalAnswers } from './answerLocally'

/** How two versions differ in one output, or in one field of a record, over the rows that both answered. */
export interface OutputDifference {
  /** For a record, with the field: `estimate.low`. */
  readonly output: string
  readonly rows: number
  /** The share of rows on which both agree, 0 to 1. */
  readonly agreement: number
  /** Mean absolute difference, for numbers. */
  readonly meanDifference?: number
  readonly maxDifference?: number
  /** For lists: the average share of the first items that both have. */
  readonly meanOverlap?: number
}

/** The default settings of shadow comparisons. */
export const comparisonSettings = { tolerance: 0.001, k: 10 }

/** Compares the outputs that both versions have with the same kind of value. */
export function compareAnswers(before: LocalAnswers, after: LocalAnswers): readonly OutputDifference[] {
  const pairs = before.answers.flatMap((one, row) => {
    const two = after.answers[row]
    return one instanceof PresageError || two instanceof PresageError ? [] : [[one, two] as const]
  })
  const kinds = new Map(after.model.outputs.map(({ name, type }) => [name, type.kind]))
  const common = before.model.outputs.filter(({ name, type }) => kinds.get(name) === type.kind)
  if (pairs.length === 0) return []
  return common.flatMap((spec) =>
    measuresOf(spec, comparisonSettings).map((measure) => {
      const all = pairs.map(([one, two]) =>
        measure.compare(measure.read(one[spec.name]), measure.read(two[spec.name])),
      )
      const differences = all.flatMap(({ difference }) => difference ?? [])
      const overlaps = all.flatMap(({ overlap }) => overlap ?? [])
      return {
        output: measure.name,
        rows: all.length,
        agreement: mean(all.map(({ agrees }) => (agrees ? 1 : 0))),
        ...(differences.length > 0 && {
          meanDifference: mean(differences),
          maxDifference: differences.reduce((largest, one) => Math.max(largest, one), 0),
        }),
        ...(overlaps.length > 0 && { meanOverlap: mean(overlaps) }),
      }
    }),
  )
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}
