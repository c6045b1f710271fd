import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import type { ColumnAnswer, ColumnCall } from '../../lib/execution/columnField'
import { federationOf } from '../../lib/execution/entityField'
import type { ValueType } from '../../models/types/valueType'
import type { PredictionField } from '../../schema/fields/plan'
import { outputPlaces } from './outputPlaces'
import { selectedFields } from './selectedFields'

/**
 * Replaces the stubs in the values of a prediction by the entities that the subgraph's own `__resolveReference` finds.
 * No gateway asks a subgraph again for fields of an entity that it has just answered. Where the operation selects no
 * more than a stub has, nothing is looked up. A stub that is not found stays, since other subgraphs may know it; one that
 * fails is an error at its place.
 */
export type FindOwnEntities = (answer: ColumnAnswer, call: ColumnCall) => ColumnAnswer | Promise<ColumnAnswer>

/** Undefined if the field's prediction has no entities that the subgraph finds itself. */
export function compileOwnEntities(
  field: PredictionField,
  type: GraphQLObjectType,
): FindOwnEntities | undefined {
  const places: EntityPlace[] = []
  const turns = outputPlaces(field, type).flatMap(({ output: { name, type: output }, place }) => {
    const turn = compileTurn(output, place, field.shape.kind === 'object' ? [name] : [], places)
    return turn === undefined ? [] : [[name, turn] as const]
  })
  if (turns.length === 0) return undefined
  const turn: Turn =
    field.shape.kind === 'object'
      ? (outputs, find) => turnFields(outputs as object, turns, find)
      : turns[0][1]
  return ({ values, errors }, call) => {
    const { fieldNodes, fragments } = call.info(0)
    const asked = new Set(places.filter(({ path }) => selectsMore(fieldNodes, path, { fragments })))
    if (asked.size === 0) return { values, errors }
    const found = values.map((value, row) =>
      turnPresent(turn, value, (place, stub) =>
        asked.has(place) ? findEntity(place, stub, call, row) : stub,
      ),
    )
    // Executors wait for promises within values, but not for those of a column.
    return found.some(isPromise)
      ? Promise.all(found).then((settled) => ({ values: settled, errors }))
      : { values: found, errors }
  }
}

/** A place of entities in the values of a field. */
interface EntityPlace {
  /** The fields that lead to it from the prediction field. */
  readonly path: readonly string[]
  /** Read when it is called, since it may be wrapped later. */
  readonly federation: NonNullable<ReturnType<typeof federationOf>>
}

type Find = (place: EntityPlace, stub: object) => unknown
type Turn = (value: unknown, find: Find) => unknown

function compileTurn(
  output: ValueType,
  declared: GraphQLOutputType,
  path: readonly string[],
  places: EntityPlace[],
): Turn | undefined {
  const type = getNullableType(declared)
  switch (output.kind) {
    case 'entity': {
      const federation = isObjectType(type) ? federationOf(type) : undefined
      if (federation?.resolveReference === undefined) return undefined
      const place = { path, federation }
      places.push(place)
      return (stub, find) => find(place, stub as object)
    }
    case 'list': {
      const item = isListType(type) ? compileTurn(output.of, type.ofType, path, places) : undefined
      return item && ((list, find) => (list as readonly unknown[]).map((one) => turnPresent(item, one, find)))
    }
    case 'record': {
      if (!isObjectType(type)) return undefined
      const turns = Object.values(type.getFields()).flatMap(({ name, type: place }) => {
        const turn = Object.hasOwn(output.fields, name)
          ? compileTurn(output.fields[name], place, [...path, name], places)
          : undefined
        return turn === undefined ? [] : [[name, turn] as const]
      })
      return turns.length === 0 ? undefined : (record, find) => turnFields(record as object, turns, find)
    }
    default:
      return undefined
  }
}

function turnFields(record: object, turns: readonly (readonly [string, Turn])[], find: Find): object {
  const turned: Record<string, unknown> = { ...record }
  for (const [name, turn] of turns) turned[name] = turnPresent(turn, turned[name], find)
  return turned
}

function turnPresent(turn: Turn, value: unknown, find: Find): unknown {
  return value === null || value === undefined ? value : turn(value, find)
}

/** The entity, its stub, or an error, which executors take for one at its place; or a promise that never rejects. */
function findEntity({ federation }: EntityPlace, stub: object, call: ColumnCall, row: number): unknown {
  const failed = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)))
  try {
    // A copy: stubs may be shared between requests, and what teams get is theirs.
    const found = federation.resolveReference?.({ ...stub }, call.contextValue, call.info(row))
    return isPromise(found) ? found.then((entity) => entity ?? stub, failed) : (found ?? stub)
  } catch (error) {
    return failed(error)
  }
}

/** Whether an operation selects more of the entities at a place than their stubs have. */
function selectsMore(
  nodes: readonly FieldNode[],
  [name, ...rest]: readonly string[],
  info: Pick<GraphQLResolveInfo, 'fragments'>,
): boolean {
  const below = selectedFields(nodes, info)
  if (name === undefined)
    return below.some((field) => field.name.value !== 'id' && field.name.value !== '__typename')
  return selectsMore(
    below.filter((field) => field.name.value === name),
    rest,
    info,
  )
}
