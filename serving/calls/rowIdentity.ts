import type { Model } from '../../models/contracts/model'

/** Which of a model's features make rows the same, and which of those tell rows apart most cheaply. */
export interface RowIdentity {
  readonly all: readonly number[]
  /** Numbers and ids, which are short and seldom the same in all of them; all, if there are none. */
  readonly telling: readonly number[]
  /** The others of `all`. */
  readonly rest: readonly number[]
}

const known = new WeakMap<Model, RowIdentity>()

export function rowIdentityOf(model: Model): RowIdentity {
  let identity = known.get(model)
  if (identity === undefined) {
    const { identity: all, features } = model
    const telling = all.filter((feature) => ['ID', 'Int', 'Float'].includes(features[feature].type.kind))
    const rest = all.filter((feature) => !telling.includes(feature))
    identity =
      telling.length > 0 ? { all: [...telling, ...rest], telling, rest } : { all, telling: all, rest: [] }
    known.set(model, identity)
  }
  return identity
}
