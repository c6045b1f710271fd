import { PresageError } from '../../../lib/errors'
import { type DifferenceSummary, DifferenceSums } from '../../../serving/shadow/differenceSums'
import { measuresOf } from '../../../serving/shadow/measures'
import type { LocalAnswers } from './answerLocally'

/** How two versions differ in one output over the rows that both answered. */
export interface OutputDifference extends DifferenceSummary {
  readonly rows: number
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
      const sums = new DifferenceSums()
      for (const [one, two] of pairs)
        sums.add(measure.compare(measure.read(one[spec.name]), measure.read(two[spec.name])))
      return { ...sums.summary(measure.name), rows: sums.count }
    }),
  )
}
