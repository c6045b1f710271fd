import type { InputSpec } from './objective'

/** A feature: an objective's input of the same name, or of the one that `input` states. */
export interface FeatureSpec extends InputSpec {
  readonly input: string
}

/** `{ stepName: argument, ...options }` as the manifest has it; the step's own file parses it further. */
export type StepSpec = Readonly<Record<string, unknown>>

export interface GraphFile {
  readonly file: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** `model.yaml`, parsed and frozen. */
export interface Manifest {
  readonly name: string
  readonly version: string
  /** `name@version` */
  readonly key: string
  readonly serves: readonly string[]
  readonly platform: 'onnx'
  readonly graph: GraphFile & {
    /** Files with weights of the graph. */
    readonly data?: readonly GraphFile[]
  }
  readonly vocabularies: Readonly<Record<string, VocabularySource>>
  readonly features: readonly FeatureSpec[]
  readonly preprocess: Readonly<Record<string, StepSpec | readonly StepSpec[]>>
  readonly postprocess: Readonly<Record<string, StepSpec>>
  readonly batching: { readonly maxRows: number; readonly maxDelayMs: number }
  readonly golden?: string
  /** How many workers of its shard hold it; all unless said. */
  readonly instances?: number
  readonly warmUp: readonly number[]
  readonly owner?: string
  readonly description?: string
  readonly licence?: string
  /** What it measured on data that it was not trained with, by name. */
  readonly metrics?: Readonly<Record<string, number>>
}

export type VocabularySource =
  | { readonly file: string; readonly sha256: string }
  | { readonly entries: readonly (string | number)[] }
