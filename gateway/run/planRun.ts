import type { GraphQLError } from 'graphql'
import type { Deadlines, Expirable } from '../../lib/clock'
import type { PresageError } from '../../lib/errors'
import { answerMemory } from '../../lib/execution/answerMemory'
import type { AnswerWork } from '../../lib/execution/answerWork'
import type { SharedError } from '../../lib/execution/sharedError'
import type { ListNode } from '../../lib/linkedList'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import type { ColumnList } from '../graphql/columnList'
import { locatedPresageError } from '../graphql/locatedError'
import { mergeInto, type Path, type ResponseObject, responseClass } from '../graphql/responseData'
import { answerTooLate, clientGone } from '../graphql/upstreamErrors'
import { type AnswerBudget, answerTooLarge, noMemory } from '../limits/answerBudget'
import { Failures } from './failures'

/**
 * Predictions keep the deadline themselves and answer the rows that made it. That answer must not lose a race with the
 * deadline, so executors get this long after it before they are abandoned.
 */
const GRACE_MS = 50

/** One step of a compiled plan. Returns undefined if it is already done. */
export type Step = (run: PlanRun) => Promise<void> | undefined

/** Values by the variable's name. */
export type Variables = Readonly<Record<string, unknown>>

/**
 * The state of one execution of a plan. Paths and keys are those between the gateway and its subgraphs, not those that
 * the client chose.
 */
export class PlanRun implements Expirable, AnswerWork {
  private readonly merged: ResponseObject = new Data()
  private columnList: ColumnList | undefined
  readonly errors: GraphQLError[] = []
  /** As how many values the errors count. */
  private errorValues = 0
  readonly shared: SharedError[] = []
  /** The variables of the part of the operation that is running. */
  variables: Variables = noVariables
  /** False as long as all went well, so that nobody need look into `failures`. */
  hasFailures = false
  /** Whether the deadline and its grace have passed. */
  isExpired = false
  /** Why there is no answer at all. */
  refusal: PresageError | undefined
  /** Whether the answer has been written and the run is done. */
  private isGiven = false
  private values = 0
  /** Bytes of the answer's text, and bytes reserved for the answer in all. */
  private written = 0
  private held = 0
  /** Characters of the errors that are told at many places. */
  private told = 0
  /** The turn of the event loop in which it last worked, and since when. */
  private turn = -1
  private workedSince = 0
  /** How many shares of turns it has had. */
  private parts = 0
  readonly dueAt: number
  private ownFailures: Failures | undefined
  private giveUps: ((value: typeof expired) => void)[] | undefined
  private readonly place: ListNode<PlanRun>

  /** `dispose` removes it from the `deadlines`. */
  constructor(
    readonly request: ClientRequest,
    private readonly deadlines: Deadlines<PlanRun>,
    readonly budget: AnswerBudget,
  ) {
    this.dueAt = request.deadline + GRACE_MS
    this.place = deadlines.add(this)
  }

  /** Everything fetched so far, merged. */
  get data(): ResponseObject {
    const { columnList: list } = this
    if (list !== undefined) {
      this.columnList = undefined
      this.merged[list.key] = list.objects()
    }
    return this.merged
  }

  /** What was fetched, if that is one list by columns. Once anybody reads `data`, it is not by columns any more. */
  get list(): ColumnList | undefined {
    return this.columnList
  }

  /** Takes a list as the data, by columns if nothing else was fetched. */
  takeList(list: ColumnList): void {
    if (this.columnList === undefined && Object.keys(this.merged).length === 0) this.columnList = list
    else mergeInto(this.data, { [list.key]: list.objects() })
  }

  /**
   * Takes what a fetch of these fields of the root has found. Without data, one of its non-null fields was null, which
   * made all of it null.
   */
  take(
    keys: readonly string[],
    data: ResponseObject | null | undefined,
    errors: readonly GraphQLError[],
    shared: readonly SharedError[],
  ): void {
    if (data) mergeInto(this.data, data)
    for (const error of errors) {
      this.addError(error)
      if (error.path !== undefined) this.markFailed(this.data, error.path)
    }
    for (const one of shared) this.addShared(one)
    if (!data) for (const key of keys) this.markFailed(this.data, [key])
  }

  get failures(): Failures {
    this.ownFailures ??= new Failures()
    return this.ownFailures
  }

  /** Resolves with the answer, or with `expired` if that takes too long. `Promise.race` would create more promises. */
  inTime<T>(answer: Promise<T>): Promise<T | typeof expired> {
    // The run may have been closed while the call was made, and the answer may be there nevertheless.
    if (this.isClosed) return Promise.race([answer, Promise.resolve(expired)] as const)
    return new Promise((resolve, reject) => {
      if (this.giveUps === undefined) this.giveUps = [resolve]
      else this.giveUps.push(resolve)
      answer.then(resolve, reject)
    })
  }

  /** Called when the deadline and its grace have passed. */
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
    // Work after the end would reserve memory that nobody releases.
    if (this.isOver) return false
    this.values += values
    this.request.usage.values += values
    if (this.values > this.budget.values) this.refuse(answerTooLarge('values', this.budget, where))
    else if (!this.holds(values * bytesPerValue)) this.refuse(noMemory())
    return this.refusal === undefined
  }

  /**
   * Throws if an answer with this many values, beside its errors, and bytes is too large. `where` names the field being
   * written.
   */
  checkSize(values: number, bytes: number, where: string): void {
    if (values + this.errorValues > this.budget.values) throw answerTooLarge('values', this.budget, where)
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

  /** Throws if nobody waits for the answer any more. */
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
    const goOn = () => {
      // What waits for work that nobody goes on with would keep the run, and the memory it holds, until the deadline.
      if (this.request.isAborted) this.endWaits()
      resume()
    }
    loopTurn.later(this.request.client, goOn, this.parts++)
  }

  /** Ends the run with this error. Steps that wait for subgraphs stop waiting. */
  private refuse(error: PresageError): void {
    this.refusal = error
    this.endWaits()
  }

  /** Whether an error of so many characters, which is told at many places, may be told at one more as it is. */
  mayTell(characters: number): boolean {
    this.told += characters
    return this.told <= this.budget.bytes
  }

  addError(error: GraphQLError): void {
    this.errors.push(error)
    this.errorValues += valuesPerError
    if (this.errorValues > this.budget.values) throw this.tooManyAt(error.path ?? [])
  }

  /**
   * Throws ANSWER_TOO_LARGE if so many places, of which `path` is one, are more than can be in an answer. Parts that
   * entities share are at the places of all of them: a list of thousands below an entity that is at thousands of places
   * would take minutes, and more memory than there is.
   */
  checkPlaces(count: number, path: Path): void {
    if (count > placesPerValue * this.budget.values) throw this.tooManyAt(path)
  }

  private tooManyAt(path: Path): PresageError {
    return answerTooLarge('values', this.budget, path.filter((key) => typeof key === 'string').join('.'))
  }

  /** Adds a shared error with paths of the merged data, and records it as the cause of the nulls there. */
  addShared({ error, path, position, count }: SharedError): void {
    this.shared.push({ error, path, position, count })
    this.errorValues += valuesPerError * count
    this.hasFailures = true
    this.failures.addAlike(this.data, { path, position, count })
  }

  /** Adds an error for a field of a merged object that could not be fetched. */
  fail(container: object, key: string, path: Path, error: PresageError): void {
    this.addError(locatedPresageError(error, [...path, key]))
    this.markFailed(container, [key])
  }

  /** Records that the null on this path below `container` is due to an error. */
  markFailed(container: object, path: Path): void {
    this.hasFailures = true
    this.failures.addBelow(container, path)
  }

  dispose(): void {
    this.isGiven = true
    this.deadlines.remove(this.place)
    // Small answers hold nothing.
    if (this.held > 0) answerMemory.release(this.held)
    this.held = 0
  }
}

/** The values of the named variables; variables that were left out stay out. */
export function pick(names: readonly string[], variables: Variables): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names) if (Object.hasOwn(variables, name)) picked[name] = variables[name]
  return picked
}

/** So many times the values of an answer: places of entities that only a `@requires` needs are not in it. */
const placesPerValue = 2
/** Placing and writing an error takes about as long as this many values. */
export const valuesPerError = 10

/** The approximate memory of a field of an object or an item of a list. */
const bytesPerValue = 50
/** Bytes of text between checks, so that memory is not checked for each item of a list. */
const bytesPerLook = 65_536

const Data = responseClass()
const noVariables: Variables = Object.freeze({})

/** Stands for an answer that did not come in time. */
export const expired = Symbol('expired')
