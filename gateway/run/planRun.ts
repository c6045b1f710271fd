import type { GraphQLError } from 'graphql'
import type { PresageError } from '../../lib/errors'
import { answerMemory } from '../../lib/execution/answerMemory'
import type { AnswerWork } from '../../lib/execution/answerWork'
import type { SharedError } from '../../lib/execution/sharedError'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Deadlines, Expirable } from '../../lib/scheduling/deadlines'
import type { ListNode } from '../../lib/scheduling/linkedList'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import { locatedPresageError } from '../graphql/locatedError'
import { type Path, type ResponseObject, responseClass } from '../graphql/responseData'
import { answerTooLate, clientGone } from '../graphql/upstreamErrors'
import { type AnswerBudget, answerTooLarge, noMemory } from '../limits/answerBudget'
import { Failures } from './failures'

/**
 * Predictions keep the deadline themselves and then answer the rows that made it: that answer must not be lost to a tie.
 * This long after the deadline, an executor that still has not answered is given up.
 */
const GRACE_MS = 50

/** One step of a compiled plan. Without a promise it is already done. */
export type Step = (run: PlanRun) => Promise<void> | undefined

/** By the variable's name. */
export type Variables = Readonly<Record<string, unknown>>

/** What one execution of a plan gathers. Paths and keys are those between the gateway and its subgraphs, which no client chooses. */
export class PlanRun implements Expirable, AnswerWork {
  /** Everything fetched so far, merged. */
  readonly data: ResponseObject = new Data()
  readonly errors: GraphQLError[] = []
  readonly shared: SharedError[] = []
  /** Of the part of the operation that runs. */
  variables: Variables = noVariables
  /** Stays false as long as all went well, so that nobody need look into `failures`. */
  hasFailures = false
  /** Whether the answer must be out. */
  isExpired = false
  /** Why there is no answer at all. */
  refusal: PresageError | undefined
  /** It has its answer, and will be asked for nothing more. */
  private isGiven = false
  private values = 0
  /** Bytes of the answer's text, and of all that it takes. */
  private written = 0
  private held = 0
  /** Its part of the event loop's turn: which turn, and since when. */
  private turn = -1
  private workedSince = 0
  /** Of turns that it has had. */
  private parts = 0
  readonly dueAt: number
  private ownFailures: Failures | undefined
  private giveUps: ((value: typeof expired) => void)[] | undefined
  private readonly place: ListNode<PlanRun>

  /** `dispose` takes it out of the `deadlines`. */
  constructor(
    readonly request: ClientRequest,
    private readonly deadlines: Deadlines<PlanRun>,
    readonly budget: AnswerBudget,
  ) {
    this.dueAt = request.deadline + GRACE_MS
    this.place = deadlines.add(this)
  }

  get failures(): Failures {
    this.ownFailures ??= new Failures()
    return this.ownFailures
  }

  /** What is answered before the answer must be out, and `expired` after that. `Promise.race` would make twice the promises. */
  inTime<T>(answer: Promise<T>): Promise<T | typeof expired> {
    // It may have expired while the answer was asked for, and the answer be there nevertheless.
    if (this.isClosed) return Promise.race([answer, Promise.resolve(expired)] as const)
    return new Promise((resolve, reject) => {
      if (this.giveUps === undefined) this.giveUps = [resolve]
      else this.giveUps.push(resolve)
      answer.then(resolve, reject)
    })
  }

  /** The answer must be out. */
  expire(): void {
    this.isExpired = true
    this.endWaits()
  }

  private endWaits(): void {
    const { giveUps = [] } = this
    this.giveUps = undefined
    for (const giveUp of giveUps) giveUp(expired)
  }

  get isClosed(): boolean {
    return this.isExpired || this.refusal !== undefined || this.isGiven
  }

  get isOver(): boolean {
    return this.isClosed || this.request.isAborted
  }

  takes(values: number, where: string): boolean {
    // What comes after the answer would hold memory that nobody releases.
    if (this.isOver) return false
    this.values += values
    this.request.usage.values += values
    if (this.values > this.budget.values) this.refuse(answerTooLarge('values', this.budget, where))
    else if (!this.holds(values * bytesPerValue)) this.refuse(noMemory())
    return this.refusal === undefined
  }

  /** Throws where an answer with so many values and bytes is too large; `where` names the field that is written. */
  checkSize(values: number, bytes: number, where: string): void {
    if (values > this.budget.values) throw answerTooLarge('values', this.budget, where)
    if (bytes > this.budget.bytes) throw answerTooLarge('bytes', this.budget, where)
    if (bytes <= this.written + bytesPerLook) return
    if (!this.holds(bytes - this.written)) throw noMemory()
    this.written = bytes
  }

  private holds(bytes: number): boolean {
    if (!answerMemory.takes(bytes)) return false
    this.held += bytes
    return true
  }

  /** Throws where nobody waits for the answer any more. */
  checkWanted(): void {
    if (this.request.isAborted) throw clientGone()
    if (this.isExpired) throw answerTooLate()
  }

  isTurnOver(): boolean {
    if (this.turn !== loopTurn.number) {
      this.turn = loopTurn.number
      this.workedSince = performance.now()
    }
    return loopTurn.isOver(this.workedSince)
  }

  later(resume: () => void): void {
    loopTurn.later(this.request.client, resume, this.parts++)
  }

  /** There will be no answer but this error; whoever waits for a part of it waits no longer. */
  private refuse(error: PresageError): void {
    this.refusal = error
    this.endWaits()
  }

  addError(error: GraphQLError): void {
    this.errors.push(error)
  }

  /** A shared error whose paths are those of the merged data, and the reason of the nulls there. */
  addShared({ error, path, position, count }: SharedError): void {
    this.shared.push({ error, path, position, count })
    this.hasFailures = true
    this.failures.addAlike(this.data, { path, position, count })
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
    this.isGiven = true
    this.deadlines.remove(this.place)
    answerMemory.release(this.held)
    this.held = 0
  }
}

/** The values of these variables; one that was left out stays out. */
export function pick(names: readonly string[], variables: Variables): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names) if (Object.hasOwn(variables, name)) picked[name] = variables[name]
  return picked
}

/** About what a field of an object or an item of a list takes. */
const bytesPerValue = 50
/** Of text, so that the process is not asked for each item of a list. */
const bytesPerLook = 65_536

const Data = responseClass()
const noVariables: Variables = Object.freeze({})

/** What there is instead of an answer when the answer must be out. */
export const expired = Symbol('expired')
