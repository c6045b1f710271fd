import type { Answer } from './answer'
import { compare, type Difference } from './compare'
import type { GeneratedOperation, ValidOperation } from './generate/generate'
import { askOracle } from './oracle'
import type { Failing } from './shrink/shrink'
import type { Target } from './target'

/** A request that was answered otherwise than by graphql-js. */
export interface Failure extends Failing {
  /** Which of the requests it was. */
  readonly step: string
  readonly difference: Difference
  readonly expected: Answer
  readonly got: Answer
}

export interface Checked {
  readonly requests: number
  readonly failures: readonly Failure[]
}

/** Asks each of the operations cold and again, and compares each answer. Only the first failure of each is told. */
export async function check(
  target: Target,
  { first, other }: GeneratedOperation,
  faultSeed: number,
): Promise<Checked> {
  const asked: ValidOperation[] = []
  const failures: Failure[] = []
  let requests = 0
  for (const operation of other ? [first, other] : [first]) {
    asked.push(operation)
    const expected = await askOracle(target.schema, operation, faultSeed)
    for (const time of ['cold', 'warm']) {
      requests++
      const got = await target.ask(operation, faultSeed)
      const difference = compare(expected, got)
      if (difference === undefined) continue
      const step = operation === first ? time : `other literals, ${time}`
      failures.push({ step, difference, expected, got, operations: [...asked], faultSeed })
    }
  }
  return { requests, failures }
}

/** What is different when these operations come one after the other, each twice; the last one's counts. */
export async function firstFailure(
  target: Target,
  { operations, faultSeed }: Failing,
): Promise<Failure | undefined> {
  for (const operation of operations) {
    const expected = await askOracle(target.schema, operation, faultSeed)
    for (const step of ['cold', 'warm']) {
      const got = await target.ask(operation, faultSeed)
      const difference = operation === operations.at(-1) ? compare(expected, got) : undefined
      if (difference) return { step, difference, expected, got, operations, faultSeed }
    }
  }
  return undefined
}
