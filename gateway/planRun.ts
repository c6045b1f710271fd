import type { GraphQLError } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { Clock } from '../lib/clock'
import type { PresageError } from '../lib/errors'
import { Failures } from './failures'
import { locatedPresageError } from './locatedError'
import type { Path, ResponseObject } from './responseData'

/**
 * Predictions keep the deadline themselves and then answer the rows that made it: that answer must not be lost to a tie.
 * This long after the deadline, an executor that still has not answered is given up.
 */
const GRACE_MS = 50

/** One step of a compiled plan. Without a promise it is already done. */
export type Step = (run: PlanRun) => Promise<void> | undefined

/** Coerced variables of the client's operation. */
export type Variables = Readonly<Record<string, unknown>>

/** What one execution of a plan gathers. */
export class PlanRun {
  /** Everything fetched so far, merged. */
  readonly data: ResponseObject = Object.create(null)
  readonly errors: GraphQLError[] = []
  readonly failures = new Failures()
  /** Stays false as long as all went well, so that nobody need look into `failures`. */
  hasFailures = false
  /** Whether the answer must be out. */
  isExpired = false
  private readonly giveUps: ((value: typeof expired) => void)[] = []
  private readonly cancelExpiry: () => void

  constructor(
    readonly request: ClientRequest,
    readonly variables: Variables,
    clock: Clock,
  ) {
    this.cancelExpiry = clock.after(Math.max(0, request.deadline + GRACE_MS - clock.now()), () => {
      this.isExpired = true
      for (const giveUp of this.giveUps) giveUp(expired)
    })
  }

  /** What is answered before the answer must be out, and `expired` after that. `Promise.race` would make twice the promises. */
  inTime<T>(answer: Promise<T>): Promise<T | typeof expired> {
    // It may have expired while the answer was asked for, and the answer be there nevertheless.
    if (this.isExpired) return Promise.race([answer, Promise.resolve(expired)] as const)
    return new Promise((resolve, reject) => {
      this.giveUps.push(resolve)
      answer.then(resolve, reject)
    })
  }

  addError(error: GraphQLError): void {
    this.errors.push(error)
  }

  /** A field of a merged object that could not be had. */
  fail(container: object, key: string, path: Path, error: PresageError): void {
    this.addError(locatedPresageError(error, [...path, key]))
    this.markFailed(container, [key])
  }

  /** Remembers that the null on this path below `container` came of an error. */
  markFailed(container: object, path: Path): void {
    this.hasFailures = true
    this.failures.addBelow(container, path)
  }

  dispose(): void {
    this.cancelExpiry()
  }
}

/** What there is instead of an answer when the answer must be out. */
export const expired = Symbol('expired')
