import type { ClassLabels } from '../../../models/types/tensor'
import { fieldIn, fieldsNumbered, readInt64s, textOf } from '../../../workers/runtime/protobuf'

/** Field numbers from onnx.proto. */
const ofModel = { producer: 2, producerVersion: 3, graph: 7 } as const
const nodeOfGraph = 1
const ofNode = { operator: 4, attribute: 5 } as const
const ofAttribute = { name: 1, ints: 8, strings: 9 } as const

/**
 * For example `skl2onnx 1.20.0`; empty if the model does not say. Without what has several lines: CatBoost writes its
 * whole build report where others write a version.
 */
export function producerOf(model: Buffer): string {
  const texts = [textOf(model, ofModel.producer), textOf(model, ofModel.producerVersion)]
  return texts.filter((text) => text !== '' && !text.includes('\n')).join(' ')
}

/**
 * The labels of a graph's classifier, in the order of its probabilities. If there are several classifiers, as in an
 * ensemble, the last one counts, which is nearest to the outputs.
 */
export function classifierLabels(model: Buffer): ClassLabels | undefined {
  const graph = fieldIn(model, ofModel.graph)
  if (graph === undefined) return undefined
  let labels: ClassLabels | undefined
  for (const node of fieldsNumbered(model, nodeOfGraph, graph)) {
    for (const attribute of fieldsNumbered(model, ofNode.attribute, node)) {
      if (!textOf(model, ofAttribute.name, attribute).startsWith('classlabels_')) continue
      const texts = [...fieldsNumbered(model, ofAttribute.strings, attribute)]
      const numbers = [...fieldsNumbered(model, ofAttribute.ints, attribute)]
      if (texts.length > 0) labels = texts.map(({ from, to }) => model.toString('utf8', from, to))
      else if (numbers.length > 0) labels = numbers.flatMap((field) => readInt64s(model, field)).map(Number)
    }
  }
  return labels
}

/** Whether the graph has decision trees, which compare features with thresholds. */
export function hasTrees(model: Buffer): boolean {
  const graph = fieldIn(model, ofModel.graph)
  const nodes = graph === undefined ? [] : [...fieldsNumbered(model, nodeOfGraph, graph)]
  return nodes.some((node) => textOf(model, ofNode.operator, node).startsWith('TreeEnsemble'))
}
