import { PresageError } from '../lib/errors'
import type { RowErrors } from '../models/model'
import type { Limits } from '../routing/ruleSet'
import type { Serving } from './serving'

/** Adds the errors of rows that must not be predicted to those of rows that cannot be. */
export type Refuse = (errors: RowErrors | undefined) => RowErrors | undefined

/** Keeps the rows of one client request within the limits that rules give its objectives. */
export class RulesLimits {
  /** By objective: groups of this request that are under way. Together they count once. */
  private readonly underWay = new Map<string, number>()

  constructor(private readonly serving: Serving) {}

  /** Lets a group of rows run, `run` with what refuses those of them that are too many. */
  async within<T>(
    objective: string,
    { concurrency, perSecond }: Pick<Limits, 'concurrency' | 'perSecond'>,
    rows: number,
    run: (refuse: Refuse) => Promise<T>,
  ): Promise<T> {
    const limiter = this.serving.limiter(objective)
    const refuse: Refuse = (errors) => {
      if (perSecond === undefined) return errors
      const asked = rows - count(errors)
      const allowed = limiter.take(asked, perSecond)
      return allowed === asked
        ? errors
        : withoutRoom(rows, errors, allowed, tooManyRows(objective, perSecond))
    }
    if (concurrency === undefined) return run(refuse)
    const groups = this.underWay.get(objective) ?? 0
    if (groups === 0 && !limiter.enter(concurrency)) {
      return run((errors) => withoutRoom(rows, errors, 0, tooManyRequests(objective, concurrency)))
    }
    this.underWay.set(objective, groups + 1)
    try {
      return await run(refuse)
    } finally {
      const left = this.underWay.get(objective)! - 1
      this.underWay.set(objective, left)
      if (left === 0) limiter.leave()
    }
  }
}

function count(errors: RowErrors | undefined): number {
  let found = 0
  if (errors !== undefined)
    for (let row = 0; row < errors.length; row++) if (errors[row] !== undefined) found++
  return found
}

/** Lets the first `allowed` rows that have no error go on. */
function withoutRoom(
  rows: number,
  errors: RowErrors | undefined,
  allowed: number,
  error: PresageError,
): RowErrors {
  const all = new Array<PresageError | undefined>(rows).fill(undefined)
  let left = allowed
  for (let row = 0; row < rows; row++) {
    if (errors?.[row] !== undefined) all[row] = errors[row]
    else if (left > 0) left--
    else all[row] = error
  }
  return all
}

function tooManyRequests(objective: string, maximum: number): PresageError {
  const message = `${objective}: the rules' limit of requests at once is reached (${maximum})`
  return new PresageError('OVERLOADED', message, { objective, limit: 'concurrency', maximum })
}

function tooManyRows(objective: string, maximum: number): PresageError {
  const message = `${objective}: the rules' limit of rows a second is reached (${maximum})`
  return new PresageError('OVERLOADED', message, { objective, limit: 'perSecond', maximum })
}
