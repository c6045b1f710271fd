import { memoizedWeakly } from '../../lib/memoized'
import type { Model } from '../../models/contracts/model'

/** The features that decide whether rows are equal, and among them those that distinguish rows most cheaply. */
export interface RowIdentity {
  readonly all: readonly number[]
  /** Numbers and ids, which are short and rarely the same in all rows; all features if there are none of these. */
  readonly telling: readonly number[]
  /** The others of `all`. */
  readonly rest: readonly number[]
}

export const rowIdentityOf = memoizedWeakly(({ identity: all, features }: Model): RowIdentity => {
  const telling = all.filter((feature) => ['ID', 'Int', 'Float'].includes(features[feature].type.kind))
  const rest = all.filter((feature) => !telling.includes(feature))
  return telling.length > 0 ? { all: [...telling, ...rest], telling, rest } : { all, telling: all, rest: [] }
})
