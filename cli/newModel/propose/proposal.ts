import type { StepSpec } from '../../../models/contracts/manifest'
import type { SampleKind } from '../samples/sampleValue'

/** A feature of the version to be written, and where its values are. */
export interface ProposedFeature {
  readonly name: string
  /** As the YAML files have it: `Float`, `[Float!]`. */
  readonly type: string
  /** Of a list, how many. */
  readonly length?: number
  readonly nullable: boolean
  /** The objective's name for it, where it differs. */
  readonly input?: string
  /** The column of the samples, if there are any. */
  readonly column?: string
}

/** An input of the graph, and the features that fill its columns in their order. */
export interface ProposedInput {
  readonly tensor: string
  /** The runtime's word for it. */
  readonly elementType: string
  readonly rank: number
  /** What its columns take. */
  readonly kind: SampleKind
  readonly features: readonly ProposedFeature[]
  readonly steps: readonly StepSpec[]
}

/** An output of the version: one of the graph, or one column of it. */
export interface ProposedOutput {
  readonly name: string
  readonly tensor: string
  /** Which column. */
  readonly item?: number
  /** How the manifest has it made of the graph's outputs. */
  readonly step: StepSpec
  readonly type: string
  /** What it is, where the graph tells. */
  readonly description: string
}
