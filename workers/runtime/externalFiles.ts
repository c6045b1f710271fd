import { fieldIn, fieldsNumbered, fieldsOf, type ProtoField } from './protobuf'

/** Field numbers of onnx.proto. */
const graphOfModel = 7
const initializerOfGraph = 5
const externalDataOfTensor = 13
const entry = { key: 1, value: 2 } as const

type Message = 'model' | 'training' | 'graph' | 'function' | 'node' | 'attribute' | 'sparse' | 'tensor'

/** By message and field, the messages below which tensors can be. */
const below: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { [graphOfModel]: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  graph: { 1: 'node', [initializerOfGraph]: 'tensor', 15: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
}

/** The key of the entry that names a file. */
const location = 'location'

/**
 * The names of all files in which a model keeps tensors: weights of the graph and of graphs inside its nodes, and
 * attributes of nodes. Empty if the bytes are not a message at all, which the runtime refuses. Throws a RangeError if
 * they name files and cannot be read to the end, since the runtime may read more of them.
 */
export function externalFiles(model: Buffer): readonly string[] {
  // Most models have no such files, and some have millions of fields.
  if (!model.includes(location)) return []
  const files = new Set<string>()
  const open: [Message, ProtoField | undefined][] = [['model', undefined]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [message, within] = next
    for (const field of fieldsOf(model, within?.from, within?.to)) {
      if (message === 'tensor') {
        if (field.number === externalDataOfTensor && lastText(model, entry.key, field) === location)
          files.add(lastText(model, entry.value, field))
        continue
      }
      const inner: Message | undefined = below[message][field.number]
      if (inner !== undefined) open.push([inner, field])
    }
  }
  return [...files]
}

/** A field that stands several times has its last value. */
function lastText(model: Buffer, number: number, within: ProtoField): string {
  const { from, to } = [...fieldsNumbered(model, number, within)].at(-1) ?? { from: 0, to: 0 }
  return model.toString('utf8', from, to)
}

/** The weights of a model's graph. Throws if the bytes are not a message. */
export function* initializersOf(model: Buffer): Generator<ProtoField> {
  const graph = fieldIn(model, graphOfModel)
  if (graph !== undefined) yield* fieldsNumbered(model, initializerOfGraph, graph)
}
