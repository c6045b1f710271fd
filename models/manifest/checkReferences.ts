import type { Manifest, StepSpec } from '../contracts/manifest'
import { postprocessSteps } from '../postprocess/registration'
import { preprocessSteps } from '../preprocess/registration'
import type { StepReads } from '../preprocess/step'
import { printType } from '../types/parseType'
import { readOutputs } from './readOutputs'
import { stepOf } from './stepShape'

/**
 * Checks that every feature, vocabulary and output that a step names exists with a type that the step takes, and that
 * every feature and vocabulary is read by some step: an unused one is probably a mistake. Returns problems as `path:
 * expectation, got what`.
 */
export function checkReferences(manifest: Manifest): string[] {
  const problems: string[] = []
  const features = new Map(manifest.features.map((feature) => [feature.name, feature]))
  const vocabularies = new Set(Object.keys(manifest.vocabularies))
  const readFeatures = new Set<string>()
  const readVocabularies = new Set<string>()

  function checkKnown(path: string, name: string, known: Names, what: string): void {
    if (known.has(name)) return
    const all = [...known.keys()].join(', ') || 'there is none'
    problems.push(`${path}: must be ${what} (${all}), got ${name}`)
  }

  function checkReads(path: string, { features: read = [], vocabularies: used = [] }: StepReads): void {
    for (const { option, name, kind } of read) {
      readFeatures.add(name)
      const type = features.get(name)?.type
      checkKnown(`${path}.${option}`, name, features, 'a feature')
      if (type !== undefined && !kind.takes(type))
        problems.push(`${path}.${option}: must be ${kind.words}, got ${name}, which is ${printType(type)}`)
    }
    for (const { option, name } of used) {
      readVocabularies.add(name)
      checkKnown(`${path}.${option}`, name, vocabularies, 'a vocabulary')
    }
  }

  for (const [path, spec] of preprocessSpecs(manifest)) {
    checkReads(path, stepOf(spec, preprocessSteps).reads(spec))
  }
  const above = new Set<string>()
  for (const [output, spec] of Object.entries(manifest.postprocess)) {
    const reads = stepOf(spec, postprocessSteps).reads(spec)
    checkReads(`postprocess.${output}`, reads)
    for (const { option, name } of reads.outputs ?? []) {
      checkKnown(`postprocess.${output}.${option}`, name, above, 'an output above')
    }
    above.add(output)
  }
  for (const name of features.keys()) {
    if (!readFeatures.has(name)) problems.push(`features.${name}: must be read by a step, got none`)
  }
  for (const name of vocabularies) {
    if (!readVocabularies.has(name)) problems.push(`vocabularies.${name}: must be read by a step, got none`)
  }
  const { inputs = {}, outputs = {} } = manifest.remote ?? {}
  const [read, made] = [new Set(Object.keys(manifest.preprocess)), new Set(readOutputs(manifest))]
  for (const name of Object.keys(inputs)) {
    checkKnown(`remote.inputs.${name}`, name, read, 'an input of preprocess')
  }
  for (const name of Object.keys(outputs)) {
    checkKnown(`remote.outputs.${name}`, name, made, 'an output that postprocess reads')
  }
  return problems
}

function* preprocessSpecs({ preprocess }: Manifest): Generator<readonly [string, StepSpec]> {
  for (const [tensor, specs] of Object.entries(preprocess)) {
    if (!Array.isArray(specs)) yield [`preprocess.${tensor}`, specs as StepSpec]
    else for (const [place, spec] of specs.entries()) yield [`preprocess.${tensor}.${place}`, spec]
  }
}

type Names = ReadonlySet<string> | ReadonlyMap<string, unknown>
