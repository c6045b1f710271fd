import type { ClassLabels } from '../../models/types/tensor'
import {
  fieldHead,
  fieldIn,
  fieldsNumbered,
  fieldsOf,
  lengthField,
  type ProtoField,
  readInt64s,
  textOf,
} from './protobuf'

export interface PlainModel {
  /** The same buffer if there was nothing to replace. */
  readonly model: Buffer
  /** The class labels by output, for each output that was replaced with a tensor `[batch, labels]`. */
  readonly classes: ReadonlyMap<string, ClassLabels>
}

/**
 * Replaces outputs that have one map per row, as the exporters of classifiers write them (operator `ZipMap`), with the
 * tensor that the maps are made from. The runtime's binding returns only tensors, and the keys are the same in all
 * rows. The rest of the model stays the same, byte for byte. Bytes that are not an ONNX model are returned unchanged;
 * the runtime refuses them.
 */
export function plainMaps(model: Buffer): PlainModel {
  try {
    return withoutMaps(model)
  } catch {
    return { model, classes: new Map() }
  }
}

/** Field numbers of onnx.proto. */
const ofModel = { graph: 7, opsetImport: 8 } as const
const ofGraph = { node: 1, output: 12 } as const
const ofNode = { input: 1, output: 2, operator: 4, attribute: 5 } as const
const ofAttribute = { name: 1, ints: 8, strings: 9 } as const
const ofValue = { name: 1, type: 2 } as const
const ofType = { sequence: 4 } as const

interface Replacement {
  readonly field: ProtoField
  readonly by: Buffer
}

function withoutMaps(model: Buffer): PlainModel {
  const graph = fieldIn(model, ofModel.graph)
  const sequences = graph === undefined ? new Map<string, ProtoField>() : sequencesOf(model, graph)
  const classes = new Map<string, ClassLabels>()
  if (graph === undefined || sequences.size === 0) return { model, classes }
  const replacements: Replacement[] = []
  for (const node of fieldsNumbered(model, ofGraph.node, graph)) {
    if (textOf(model, ofNode.operator, node) !== 'ZipMap') continue
    const name = textOf(model, ofNode.output, node)
    const output = sequences.get(name)
    const labels = labelsOf(model, node)
    if (output === undefined || labels.length === 0) continue
    classes.set(name, labels)
    replacements.push({ field: node, by: identityNode(textOf(model, ofNode.input, node), name) })
    // Without a type, the runtime infers it. Some exporters declare a wrong one.
    replacements.push({ field: output, by: lengthField(ofGraph.output, lengthField(ofValue.name, name)) })
  }
  if (classes.size === 0) return { model, classes }
  const body = replaced(model, graph, replacements)
  const whole = Buffer.concat([
    model.subarray(0, graph.start),
    fieldHead(ofModel.graph, body.length),
    body,
    model.subarray(graph.to),
    missingImport(model),
  ])
  return { model: whole, classes }
}

/** The graph's outputs that are sequences, by name. */
function sequencesOf(model: Buffer, graph: ProtoField): Map<string, ProtoField> {
  const sequences = new Map<string, ProtoField>()
  for (const output of fieldsNumbered(model, ofGraph.output, graph)) {
    const type = fieldIn(model, ofValue.type, output)
    const isSequence = type !== undefined && fieldIn(model, ofType.sequence, type) !== undefined
    if (isSequence) sequences.set(textOf(model, ofValue.name, output), output)
  }
  return sequences
}

/** The keys of the maps: text or whole numbers. Numbers beyond the safe range become text. */
function labelsOf(model: Buffer, node: ProtoField): ClassLabels {
  const labels: (string | number)[] = []
  for (const attribute of fieldsNumbered(model, ofNode.attribute, node)) {
    const name = textOf(model, ofAttribute.name, attribute)
    if (name !== 'classlabels_strings' && name !== 'classlabels_int64s') continue
    for (const field of fieldsOf(model, attribute.from, attribute.to)) {
      if (field.number === ofAttribute.strings) labels.push(model.toString('utf8', field.from, field.to))
      if (field.number === ofAttribute.ints) labels.push(...readInt64s(model, field).map(numberOrText))
    }
  }
  return labels
}

function numberOrText(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function identityNode(input: string, output: string): Buffer {
  const node = [
    lengthField(ofNode.input, input),
    lengthField(ofNode.output, output),
    lengthField(ofNode.operator, 'Identity'),
  ]
  return lengthField(ofGraph.node, Buffer.concat(node))
}

/** `Identity` is a standard operator. A model that uses only operators of ai.onnx.ml may not import those. */
function missingImport(model: Buffer): Buffer {
  for (const field of fieldsNumbered(model, ofModel.opsetImport)) {
    if (['', 'ai.onnx'].includes(textOf(model, 1, field))) return Buffer.alloc(0)
  }
  // { version: 13 }
  return lengthField(ofModel.opsetImport, Buffer.from([2 << 3, 13]))
}

function replaced(model: Buffer, { from, to }: ProtoField, replacements: readonly Replacement[]): Buffer {
  const inOrder = [...replacements].sort((left, right) => left.field.start - right.field.start)
  const pieces: Buffer[] = []
  let at = from
  for (const { field, by } of inOrder) {
    pieces.push(model.subarray(at, field.start), by)
    at = field.to
  }
  return Buffer.concat([...pieces, model.subarray(at, to)])
}
