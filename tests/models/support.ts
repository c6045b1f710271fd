import { atOnce } from '../../lib/scheduling/turns'
import { compileModel } from '../../models/compile/compileModel'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { createVocabulary } from '../../models/contracts/vocabulary'
import { parseManifest } from '../../models/manifest/parseManifest'
import { parseObjective } from '../../models/objectives/parseObjective'
import type { GraphSignature, Tensor, TensorType } from '../../models/types/tensor'

const sha256 = '0'.repeat(64)

/** A manifest text with the given sections; the rest is filled in. */
export function manifestText(sections: string): string {
  return `name: m\nversion: "1"\ngraph: { file: model.onnx, bytes: 1, sha256: "${sha256}" }\n${sections}`
}

/** A tensor of the signature as `name type[dims]`, such as `x float32[batch,2]`. */
export function tensorSignature(text: string) {
  const [, name, type, dims] = /^(\S+) (\w+)\[(.*)\]$/.exec(text) ?? []
  const shape = dims === '' ? [] : dims.split(',').map((dim) => (/^\d+$/.test(dim) ? Number(dim) : dim))
  return { name, type, shape }
}

export function signature(inputs: readonly string[], outputs: readonly string[]): GraphSignature {
  return { inputs: inputs.map(tensorSignature), outputs: outputs.map(tensorSignature) }
}

/** Compiles a model of which only the given sections matter. Vocabularies stand in the manifest itself. */
export function modelOf(sections: string, graph: GraphSignature): Model {
  const manifest = parseManifest(manifestText(sections), 'model.yaml')
  const vocabularies = Object.fromEntries(
    Object.entries(manifest.vocabularies).map(([name, source]) => [
      name,
      atOnce(createVocabulary('entries' in source ? source.entries : [], name)),
    ]),
  )
  return compileModel({ manifest, vocabularies }, graph)
}

/** A model that only preprocesses: one graph input `x` made by `steps` from `features`. */
export function preprocessing(tensor: string, features: string, steps: string, vocabularies = ''): Model {
  return modelOf(
    `features: ${features}\npreprocess: { x: ${steps} }\npostprocess: { y: { column: y } }\n${vocabularies}`,
    signature([`x ${tensor}`], ['y float32[batch]']),
  )
}

/** The tensor `x` for rows of feature values in their order. */
export function built(model: Model, rows: readonly (readonly unknown[])[]): Tensor {
  const { columns, errors } = validated(model, rows)
  expect(errors).toBeUndefined()
  return model.preprocess(columns, rows.length).x
}

export function validated(model: Model, rows: readonly (readonly unknown[])[]) {
  return model.validate(
    model.features.map((_, feature) => rows.map((row) => row[feature])),
    rows.length,
  )
}

/** Messages of the rows' errors; null where there is none. */
export function messages(errors: ReturnType<Model['validate']>['errors']): (string | null)[] | undefined {
  return errors?.map((error) => error?.message ?? null)
}

export function tensor(
  type: TensorType,
  dims: readonly number[],
  values: readonly (number | bigint)[],
): Tensor {
  if (type === 'int64') return { type, dims, data: BigInt64Array.from(values.map(BigInt)) }
  if (type === 'bool') return { type, dims, data: Uint8Array.from(values.map(Number)) }
  return { type, dims, data: Float32Array.from(values.map(Number)) }
}

export function objectiveOf(sections: string): Objective {
  return parseObjective(`objective: O\ndescription: a test\n${sections}`, 'O.yaml')
}

/** The problems that a call throws, one line each. */
export function problemsOf(call: () => unknown): readonly string[] {
  try {
    call()
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  throw new Error('nothing was refused')
}
