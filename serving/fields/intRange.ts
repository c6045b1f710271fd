import {
  GraphQLInt,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql'
import { PresageError, show } from '../../lib/errors'
import type { RowErrors } from '../../models/contracts/model'
import type { ValueType } from '../../models/types/valueType'
import type { PredictionField } from '../../schema/fields/plan'
import type { Prediction } from '../calls/modelCalls'
import { outputPlaces } from './outputPlaces'

/**
 * Compiles a check of whole numbers in places of the type `Int`, which has 32 bits in GraphQL, while an output may be
 * any whole number. Rows with a greater one get `BAD_OUTPUT`: otherwise it would be found when the answer is written,
 * as a fault of the server. Undefined for fields without such places.
 */
export function compileIntRange(
  field: PredictionField,
  type: GraphQLObjectType,
): ((prediction: Prediction, rows: number) => Prediction) | undefined {
  const checks = outputPlaces(field, type).flatMap(({ output, place }) => {
    const find = findBeyondInt(output.type, place)
    return find === undefined ? [] : [{ name: output.name, find }]
  })
  if (checks.length === 0) return undefined
  const { target } = field
  const asked = target.kind === 'objective' ? target.objective : target.model
  return (prediction, rows) => {
    let errors: RowErrors[number][] | undefined
    for (const { name, find } of checks) {
      const column = prediction.outputs[name]
      if (column === undefined) continue
      for (let row = 0; row < rows; row++) {
        if (column[row] == null || prediction.errors[row] !== undefined || errors?.[row] !== undefined)
          continue
        const beyond = find(column[row])
        if (beyond === undefined) continue
        errors ??= Array.from({ length: rows }, (_, at) => prediction.errors[at])
        errors[row] = new PresageError(
          'BAD_OUTPUT',
          `${asked}: output ${name}: must be within Int, from -2147483648 to 2147483647, got ${show(beyond)}`,
          { output: name },
        )
      }
    }
    return errors === undefined ? prediction : { ...prediction, errors }
  }
}

/** Returns the first number of a value that is beyond `Int`; itself undefined if the place has none. */
function findBeyondInt(
  output: ValueType,
  declared: GraphQLOutputType,
): ((value: unknown) => number | undefined) | undefined {
  const type = getNullableType(declared)
  switch (output.kind) {
    case 'Int':
      return type === GraphQLInt
        ? (value) => (value === ((value as number) | 0) ? undefined : (value as number))
        : undefined
    case 'list': {
      const find = isListType(type) ? findBeyondInt(output.of, type.ofType) : undefined
      return find && ((list) => firstOf(list as readonly unknown[], find))
    }
    case 'record': {
      if (!isObjectType(type)) return undefined
      const finds = Object.values(type.getFields()).flatMap(({ name, type: place }) => {
        const find = Object.hasOwn(output.fields, name)
          ? findBeyondInt(output.fields[name], place)
          : undefined
        return find === undefined
          ? []
          : [(record: unknown) => find((record as Record<string, unknown>)[name])]
      })
      return finds.length === 0 ? undefined : (record) => firstOf(finds, (find) => find(record))
    }
    default:
      return undefined
  }
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => number | undefined): number | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
