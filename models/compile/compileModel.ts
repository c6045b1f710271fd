import { LoadError } from '../../lib/errors'
import type { Manifest } from '../contracts/manifest'
import type { Model } from '../contracts/model'
import type { Vocabulary } from '../contracts/vocabulary'
import { readOutputs } from '../manifest/readOutputs'
import type { GraphSignature } from '../types/tensor'
import { compileValidate } from '../validation/validateRows'
import { compileValidator } from '../validation/validator'
import { compileAnswer, compileCheck } from './compileAnswer'
import { compileInputs } from './compileInputs'
import { compileOutputs } from './compileOutputs'
import { demandedSamples } from './demandedSamples'
import { refusedDefaults } from './refusedDefaults'

/** The parts of a version that are needed to compile it. */
export interface ModelSource {
  readonly manifest: Manifest
  readonly vocabularies: Readonly<Record<string, Vocabulary>>
}

/** Throws `LoadError` with one line, `where: expectation, got what`, and further problems after a semicolon. */
export function compileModel({ manifest, vocabularies }: ModelSource, signature: GraphSignature): Model {
  const problems: string[] = []
  const inputs = compileInputs(manifest, vocabularies, signature.inputs, problems)
  const outputs = compileOutputs(manifest, vocabularies, signature.outputs, problems)
  const { key, features } = manifest
  const demands = [...inputs.demands, ...outputs.flatMap(({ step }) => step.demands ?? [])]
  const validators = features.map(compileValidator)
  problems.push(...refusedDefaults(features, validators, demands))
  if (problems.length > 0) throw new LoadError([problems.join('; ')])
  const read = readOutputs(manifest)
  const asked = signature.outputs.filter(({ name }) => read.includes(name))
  return {
    key,
    manifest,
    features,
    identity: inputs.reads,
    outputs: Object.freeze(outputs.map(({ spec }) => spec)),
    samples: demandedSamples(features, validators, demands),
    validate: compileValidate(key, features, validators, demands),
    preprocess: inputs.preprocess,
    checkOutputs: compileCheck(key, asked),
    postprocess: compileAnswer(key, outputs),
  }
}
