import { fieldIn, fieldsNumbered, type ProtoField, textOf } from './protobuf'

/** Field numbers of onnx.proto. */
const graphOfModel = 7
const initializerOfGraph = 5
const externalDataOfTensor = 13
const entry = { key: 1, value: 2 } as const

/** The names of the files in which a model keeps weights; empty if the bytes are not an ONNX model. */
export function externalFiles(model: Buffer): readonly string[] {
  const files = new Set<string>()
  try {
    for (const tensor of initializersOf(model)) {
      for (const field of fieldsNumbered(model, externalDataOfTensor, tensor)) {
        if (textOf(model, entry.key, field) === 'location') files.add(textOf(model, entry.value, field))
      }
    }
  } catch {
    return []
  }
  return [...files]
}

/** The weights of a model's graph. Throws if the bytes are not a message. */
export function* initializersOf(model: Buffer): Generator<ProtoField> {
  const graph = fieldIn(model, graphOfModel)
  if (graph !== undefined) yield* fieldsNumbered(model, initializerOfGraph, graph)
}
