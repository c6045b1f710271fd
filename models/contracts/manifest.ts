import type { InputSpec } from './objective'

/** A feature, with the objective's input that it takes: by default the input of the same name. */
export interface FeatureSpec extends InputSpec {
  readonly input: string
}

/** `{ stepName: argument, ...options }` as in the manifest; the step's own file parses it further. */
export type StepSpec = Readonly<Record<string, unknown>>

export interface GraphFile {
  readonly file: string
  readonly bytes: number
  /** In lower-case hexadecimal. */
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
  /** How many workers of its shard hold it; default all. */
  readonly instances?: number
  readonly warmUp: readonly number[]
  readonly owner?: string
  readonly description?: string
  readonly licence?: string
  /** What servers elsewhere call it, where that differs. */
  readonly remote?: RemoteNames
  /** Results on held-out data, by the metric's name. */
  readonly metrics?: Readonly<Record<string, number>>
}

/** What servers elsewhere call a version and its tensors; its own names where absent. */
export interface RemoteNames {
  readonly model?: string
  /** Empty: the server has no versions, or chooses. */
  readonly version?: string
  /** By input of the graph. */
  readonly inputs?: Readonly<Record<string, string>>
  /** By output of the graph. */
  readonly outputs?: Readonly<Record<string, string>>
}

export type VocabularySource =
  | { readonly file: string; readonly sha256: string }
  | { readonly entries: readonly (string | number)[] }
