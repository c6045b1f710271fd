import { type GraphQLObjectType, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { ColumnCall } from '../../lib/execution/columnField'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import type { OutputShape, PredictionField } from '../../schema/fields/plan'
import type { Prediction } from '../calls/modelCalls'
import { valuesOfNames } from '../inputs/enumValues'
import { outputPlaces } from './outputPlaces'

/** Which outputs a call needs. Equal results are the same array, so that they can be compared by identity. */
export type WantedOutputs = (call: Pick<ColumnCall, 'info'>) => readonly string[]

/** A call is asked for its selection only where outputs are fields of it. */
export function compileWantedOutputs(shape: OutputShape): WantedOutputs {
  if (shape.kind !== 'object') {
    const only = [shape.output]
    return () => only
  }
  const interned = new Map<string, readonly string[]>()
  const bySelection = new WeakMap<SelectionSetNode, readonly string[]>()
  const collect = (info: GraphQLResolveInfo): readonly string[] => {
    const names = new Set<string>()
    for (const { selectionSet } of info.fieldNodes) if (selectionSet) collectNames(selectionSet, info, names)
    names.delete('__typename')
    const asked = shape.fields.filter((field) => names.has(field))
    // A selected field that is no output has a resolver or a prediction of its own, which may read any output.
    const outputs = asked.length === names.size ? asked : shape.fields
    const key = outputs.join(' ')
    if (!interned.has(key)) interned.set(key, outputs)
    return interned.get(key)!
  }
  return (call) => {
    const info = call.info(0)
    const selection = info.fieldNodes[0].selectionSet
    if (info.fieldNodes.length > 1 || selection === undefined) return collect(info)
    let wanted = bySelection.get(selection)
    if (wanted === undefined) {
      wanted = collect(info)
      bySelection.set(selection, wanted)
    }
    return wanted
  }
}

/**
 * Collects the field names of a selection, through fragments. Fields excluded by `@skip` count too: that only computes
 * an unused output.
 */
function collectNames(selection: SelectionSetNode, info: GraphQLResolveInfo, names: Set<string>): void {
  for (const node of selection.selections) {
    if (node.kind === Kind.FIELD) names.add(node.name.value)
    else if (node.kind === Kind.INLINE_FRAGMENT) collectNames(node.selectionSet, info, names)
    else collectNames(info.fragments[node.name.value].selectionSet, info, names)
  }
}

/** How outputs become the values of a field. The field's type serializes them. */
export interface FieldValues {
  /** The value of one row without an error. */
  shape(prediction: Prediction, row: number, wanted: readonly string[]): unknown
  /** The values of all rows of a prediction without errors. */
  shapeAll(prediction: Prediction, rows: number, wanted: readonly string[]): readonly unknown[]
}

/** Compiles them for a field of the type as the subgraph serves it. */
export function compileFieldValues(field: PredictionField, type: GraphQLObjectType): FieldValues {
  const { shape: declaredShape } = field
  const turns = new Map(
    outputPlaces(field, type).map(({ output, place }) => [output.name, valuesOfNames(output.type, place)]),
  )
  if (declaredShape.kind !== 'object') {
    const { output } = declaredShape
    const turn = turns.get(output) ?? unturned
    return {
      shape: ({ outputs }, row) => turn(outputs[output][row]),
      shapeAll({ outputs }, rows) {
        const column = outputs[output]
        if (turn === unturned) return column
        const values: unknown[] = new Array(rows)
        for (let row = 0; row < rows; row++) values[row] = turn(column[row])
        return values
      },
    }
  }
  const shape: FieldValues['shape'] = ({ outputs }, row, wanted) => {
    const value: Record<string, unknown> = {}
    for (const output of wanted) {
      const turn = turns.get(output)
      value[output] = turn === undefined ? outputs[output][row] : turn(outputs[output][row])
    }
    return value
  }
  // Fields pass the same array for the same selection.
  const byWanted = new WeakMap<readonly string[], MakeObjects | undefined>()
  return {
    shape,
    shapeAll(prediction, rows, wanted) {
      if (!byWanted.has(wanted)) byWanted.set(wanted, compileObjects(wanted, turns))
      const make = byWanted.get(wanted)
      if (make !== undefined) return make(prediction.outputs, rows)
      return Array.from({ length: rows }, (_, row) => shape(prediction, row, wanted))
    },
  }
}

type MakeObjects = (outputs: Prediction['outputs'], rows: number) => readonly unknown[]

/**
 * Compiles a function that makes objects of outputs. Generated code with literal names gives the objects one hidden
 * class. Undefined if no code can be generated.
 */
function compileObjects(
  wanted: readonly string[],
  turns: ReadonlyMap<string, ((value: unknown) => unknown) | undefined>,
): MakeObjects | undefined {
  if (wanted.length > maxGenerated) return undefined
  const columns = wanted.map((name, at) => `const column${at} = outputs.${name}`)
  const entries = wanted.map((name, at) => {
    const value = `column${at}[row]`
    return `${name}: ${turns.get(name) === undefined ? value : `turn${at}(${value})`}`
  })
  const body = `return function makeObjects(outputs, rows) {
      ${columns.join('\n      ')}
      const objects = new Array(rows)
      for (let row = 0; row < rows; row++) objects[row] = { ${entries.join(', ')} }
      return objects
    }`
  return generateFunction(Object.fromEntries(wanted.map((name, at) => [`turn${at}`, turns.get(name)])), body)
}

function unturned(value: unknown): unknown {
  return value
}
