import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import { getOrMake } from '../../lib/groups'
import { memoizedWeakly } from '../../lib/memoized'
import type { Explain } from '../../lib/request/explain'
import type { ColumnList } from '../graphql/columnList'
import { FailedInput } from '../graphql/failedInput'
import { isAbout, locatedError, type SubgraphError, singleErrors } from '../graphql/locatedError'
import { copy, isResponseObject, mergeInto, type Path, type ResponseObject } from '../graphql/responseData'
import { lengthOf, shortExtensions, shortMessage } from '../graphql/shortError'
import { upstreamMisshaped } from '../graphql/upstreamErrors'
import type { PlanRun } from '../run/planRun'
import type { EntitySource } from './entitySource'
import type { FetchedField } from './fetchedFields'
import type { FieldNeed, MissingRequirement } from './fieldNeeds'
import { placeShared } from './placeShared'
import type { RepresentationList } from './representations'

/** Either `data`, perhaps with errors, or a `list` that is all of the data, or a `failure` of the whole call. */
export interface SubgraphAnswer extends FoundErrors<SubgraphError> {
  readonly list?: ColumnList
  readonly data: ResponseObject | undefined
  readonly failure: PresageError | undefined
  /** The explanations of its predictions, with its own paths, if the client asked for them. */
  readonly part?: Explain
}

/** The entities of one fetch in one request. Gathers them, and merges the subgraph's answer into them. */
export class EntityTargets {
  /** Parallel lists: an object of the response, the index of its representation, and the number of its path. */
  private readonly objects: ResponseObject[] = []
  private readonly indexes: number[] = []
  private readonly pathNumbers: number[] = []
  /** Fields that lack what they require, on entities that are still asked for other fields. */
  private readonly blocked: {
    object: ResponseObject
    path: Path
    need: FieldNeed
    missing: MissingRequirement
  }[] = []
  /** Their response keys; made when it is first asked for. */
  private blockedKeys: Map<ResponseObject, Set<unknown>> | undefined

  /** The gathered objects. In place, entity `i` is object `i`, since no representations are sent. */
  get entities(): readonly ResponseObject[] {
    return this.objects
  }

  private constructor(
    private readonly source: EntitySource,
    /** What is sent for them and for others; undefined in place. */
    private readonly list?: RepresentationList,
  ) {}

  /** Adds a representation to `list` for each entity that is to be fetched. */
  static gather(source: EntitySource, list: RepresentationList, run: PlanRun): EntityTargets {
    const targets = new EntityTargets(source, list)
    for (let i = 0; i < source.paths.length; i++) {
      source.paths[i](run.data, (object, trail) => targets.gatherOne(object, trail, i, list, run))
    }
    return targets
  }

  /** Gathers the entities that are to be filled in place. */
  static gatherInPlace(
    source: EntitySource,
    type: string,
    keys: readonly string[],
    run: PlanRun,
  ): EntityTargets {
    const targets = new EntityTargets(source)
    for (const path of source.paths) {
      path(run.data, (object, trail) => {
        const { __typename } = object
        if (typeof __typename === 'string' && __typename !== type) return
        if (!hasKey(object, keys)) return
        run.checkPlaces(targets.objects.push(object), trail)
      })
    }
    return targets
  }

  /** Reports the errors of a fetch that filled the entities in place, at the entities' paths. */
  acceptInPlace({ errors, shared }: FoundErrors<SubgraphError>, run: PlanRun): void {
    const lost = shared.flatMap((one) => placeShared(one, this.objects, this.source.paths, run))
    if (errors.length === 0 && lost.length === 0) return
    this.numberInPlace()
    this.placeErrors([...errors, ...lost], this.objects, run)
  }

  /** Merges the subgraph's answer into the entities and reports its errors at their paths. */
  accept(answer: SubgraphAnswer, run: PlanRun): void {
    const { entitiesKey } = this.source
    if (answer.failure !== undefined) {
      this.failAll(answer.failure, run)
    } else {
      const entities = answer.data?.[entitiesKey]
      const errors = [...answer.errors, ...answer.shared.flatMap(singleErrors)]
      const asked = this.list?.items.length
      if (Array.isArray(entities) && entities.length === asked) this.merge(entities, run)
      // Of a list of another length, nobody knows which entity is whose.
      else if (isSet(entities) || !errors.some((error) => isAbout(error, entitiesKey))) {
        this.failAll(this.misshaped(`a list of ${asked}`, entities), run)
      } else for (const object of this.objects) this.markLost(object, run)
      if (errors.length > 0) this.placeErrors(errors, Array.isArray(entities) ? entities : [], run)
    }
    for (const { object, path, need, missing } of this.blocked) {
      for (const field of need.fields) object[field.responseKey] = null
      refuse(object, path, need, missing, run)
    }
  }

  /** Whether the path of a subgraph's error leads into these entities. Errors of others are left to the caller. */
  places({ path: [entitiesKey, index] = [] }: SubgraphError): boolean {
    const count = this.list?.items.length ?? this.objects.length
    const isThere = typeof index !== 'number' || (index >= 0 && index < count)
    return entitiesKey === this.source.entitiesKey && isThere
  }

  /** Moves the explanations of the entities' predictions to the entities' paths. */
  acceptPart(part: Explain, run: PlanRun): void {
    this.numberInPlace()
    const pathsOf = this.locate(run)
    const places: Path[][] = []
    for (let i = 0; i < this.objects.length; i++) {
      places[this.indexes[i]] ??= []
      for (const path of pathsOf.get(this.objects[i]) ?? []) places[this.indexes[i]].push(path)
      pathsOf.delete(this.objects[i])
    }
    run.request.explain?.addPart(part, (path) => {
      const [entitiesKey, index, ...rest] = path
      if (entitiesKey !== this.source.entitiesKey || typeof index !== 'number') return []
      return (places[index] ?? []).map((place) => [...place, ...rest])
    })
  }

  /** In place, indexes are the identity. They are needed only for errors and explanations, so they are filled late. */
  private numberInPlace(): void {
    for (let i = this.indexes.length; i < this.objects.length; i++) this.indexes.push(i)
  }

  private gatherOne(
    object: ResponseObject,
    trail: Path,
    pathNumber: number,
    list: RepresentationList,
    run: PlanRun,
  ): void {
    const needs = this.source.needsOf(object.__typename)
    if (needs.length > 0 && this.isFullyBlocked(object, trail, needs, run)) return
    const { builder } = this.source
    const representation = builder.represent(object)
    if (representation === undefined) {
      if (run.hasFailures && builder.sentOf(object).some((key) => run.failures.has(object, key))) {
        this.markLost(object, run)
      }
      return
    }
    run.checkPlaces(this.objects.push(object), trail)
    this.indexes.push(list.add(representation, builder.identify(representation)))
    this.pathNumbers.push(pathNumber)
  }

  /** Whether there is nothing left to ask of the entity, because every field lacks what it requires. */
  private isFullyBlocked(
    object: ResponseObject,
    trail: Path,
    needs: readonly FieldNeed[],
    run: PlanRun,
  ): boolean {
    let blockedFields = 0
    const blocked: { need: FieldNeed; missing: MissingRequirement }[] = []
    for (const need of needs) {
      const missing = need.missing(object, run)
      if (missing === undefined) continue
      blocked.push({ need, missing })
      blockedFields += need.fields.length
    }
    if (blocked.length === 0) return false
    const isFully = blockedFields === this.askedOf(object).length
    for (const { need, missing } of blocked) {
      if (isFully) refuse(object, trail, need, missing, run)
      else this.blocked.push({ object, path: [...trail], need, missing })
    }
    return isFully
  }

  private merge(entities: readonly unknown[], run: PlanRun): void {
    const takenBy: number[] = []
    const copies = new Map<number, ResponseObject>()
    let misshaped: Set<ResponseObject> | undefined
    let other: unknown
    for (let i = 0; i < this.objects.length; i++) {
      const index = this.indexes[i]
      const entity = entities[index]
      if (!isResponseObject(entity)) {
        if (!isSet(entity)) continue
        misshaped ??= new Set()
        misshaped.add(this.objects[i])
        other = entity
        continue
      }
      // Entities at one path get the same later fetches and may share parts; entities at different paths may not.
      const path = this.pathNumbers[i]
      takenBy[index] ??= path
      const part =
        takenBy[index] === path
          ? entity
          : getOrMake(copies, index * this.source.paths.length + path, () => copy(entity) as ResponseObject)
      mergeInto(this.objects[i], part)
    }
    if (misshaped !== undefined)
      this.failAll(this.misshaped('a list of objects and nulls', other), run, misshaped)
  }

  private misshaped(expected: string, value: unknown): PresageError {
    const { subgraph, entitiesKey } = this.source
    return upstreamMisshaped(subgraph, entitiesKey, expected, value)
  }

  /** Fails the fields that were asked of the entities, or of some of them. */
  private failAll(failure: PresageError, run: PlanRun, some?: ReadonlySet<ResponseObject>): void {
    for (const [object, paths] of this.locate(run)) {
      if (some?.has(object) === false) continue
      for (const { responseKey } of this.askedOf(object)) {
        if (this.isBlocked(object, responseKey)) continue
        for (const path of paths) run.fail(object, responseKey, path, failure)
      }
    }
  }

  private placeErrors(errors: readonly SubgraphError[], entities: readonly unknown[], run: PlanRun): void {
    const pathsOf = this.locate(run)
    const objectsOf = new Map<number, Set<ResponseObject>>()
    for (let i = 0; i < this.objects.length; i++) {
      getOrMake(objectsOf, this.indexes[i], () => new Set<ResponseObject>()).add(this.objects[i])
    }
    // In place, an object that is at several places has several indexes, each with the same errors.
    const placed = new Map<string, Set<ResponseObject>>()
    let isListFailed = false
    for (const error of errors) {
      if (!this.places(error)) continue
      const [, index, ...rest] = error.path ?? []
      const isOfList = typeof index !== 'number'
      // The first one explains all nulls: each at each entity would be their product.
      if (isOfList && isListFailed) {
        run.addError(locatedError(error, undefined))
        continue
      }
      isListFailed ||= isOfList
      const said = getOrMake(placed, `${rest.join('.')} ${error.message}`, () => new Set<ResponseObject>())
      for (const object of isOfList ? pathsOf.keys() : (objectsOf.get(index) ?? [])) {
        if (said.has(object)) continue
        said.add(object)
        const isNull = isOfList || !isResponseObject(entities[index])
        for (const path of pathsOf.get(object) ?? []) this.placeError(error, object, path, rest, run)
        if (isNull) this.markLost(object, run)
        if (rest.length > 0) run.markFailed(object, rest)
      }
    }
  }

  /** An error of an entity as a whole becomes an error of each field that was asked of it. */
  private placeError(
    error: SubgraphError,
    object: ResponseObject,
    path: Path,
    rest: Path,
    run: PlanRun,
  ): void {
    if (rest.length > 0) {
      if (!this.isBlocked(object, rest[0])) tell(error, [...path, ...rest], run)
      return
    }
    for (const { responseKey } of this.askedOf(object)) {
      if (!this.isBlocked(object, responseKey)) tell(error, [...path, responseKey], run)
    }
  }

  /** The entity's fields are null because of an error that was reported already. */
  private markLost(object: ResponseObject, run: PlanRun): void {
    for (const { responseKey } of this.askedOf(object)) run.markFailed(object, [responseKey])
  }

  private askedOf(object: ResponseObject): readonly FetchedField[] {
    return this.source.fieldsOf(object.__typename)
  }

  /** Whether the field becomes null in any case, so that the subgraph's errors for it do not matter. */
  private isBlocked(object: ResponseObject, responseKey: unknown): boolean {
    if (this.blocked.length === 0) return false
    this.blockedKeys ??= this.keysOfBlocked()
    return this.blockedKeys.get(object)?.has(responseKey) === true
  }

  private keysOfBlocked(): Map<ResponseObject, Set<unknown>> {
    const keysOf = new Map<ResponseObject, Set<unknown>>()
    for (const { object, need } of this.blocked) {
      const keys = getOrMake(keysOf, object, () => new Set<unknown>())
      for (const { responseKey } of need.fields) keys.add(responseKey)
    }
    return keysOf
  }

  /** All paths of each entity. They are walked again only after an error; what other fetches merged since moved none. */
  private locate(run: PlanRun): Map<ResponseObject, Path[]> {
    const pathsOf = new Map<ResponseObject, Path[]>(this.objects.map((object) => [object, []]))
    for (const path of this.source.paths) {
      path(run.data, (object, trail) => pathsOf.get(object)?.push([...trail]))
    }
    return pathsOf
  }
}

/**
 * Tells an error of a subgraph at one of its places. Once those of subgraphs elsewhere take as many characters as an
 * answer may have bytes, it is told briefly: a message of 10 kB at 20 fields of 3,000 entities is more than a text can
 * hold.
 */
function tell(error: SubgraphError, path: Path, run: PlanRun): void {
  const isBrief = !(error instanceof GraphQLError) && !run.mayTell(charactersOf(error))
  run.addError(locatedError(isBrief ? briefly(error) : error, path))
}

const charactersOf = memoizedWeakly(({ message, extensions = {} }: GraphQLFormattedError) => {
  return message.length + lengthOf(extensions)
})

const briefly = memoizedWeakly(({ message, extensions }: GraphQLFormattedError) => ({
  message: shortMessage(message, briefLength),
  extensions: shortExtensions(extensions, briefLength) as GraphQLFormattedError['extensions'],
}))

const briefLength = 100

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function hasKey(object: ResponseObject, keys: readonly string[]): boolean {
  for (const key of keys) if (object[key] !== undefined && object[key] !== null) return true
  return false
}

/** Makes the fields null: with an error if an input failed, without one if the entity is unknown. */
function refuse(
  object: ResponseObject,
  path: Path,
  need: FieldNeed,
  missing: MissingRequirement,
  run: PlanRun,
): void {
  if (missing.kind === 'unknown') return
  const { steps } = missing
  const failedAt = [...path, ...steps.map((step) => (typeof step === 'number' ? step : step.key))]
  const named = [...path, ...steps.map((step) => (typeof step === 'number' ? step : step.call))]
  const input = steps.flatMap((step) => (typeof step === 'number' ? [] : step.name)).join('.')
  for (const { condition, name, responseKey } of need.fields) {
    const type = condition ?? String(object.__typename)
    run.fail(
      object,
      responseKey,
      path,
      new FailedInput(`${type}.${name}`, `${type}.${input}`, failedAt, named),
    )
  }
}
