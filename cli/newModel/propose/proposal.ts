import type { StepSpec } from '../../../models/contracts/manifest'
import type { SampleKind } from '../samples/sampleValue'

/** A feature of the new version, and where its values come from. */
export interface ProposedFeature {
  readonly name: string
  /** As in the YAML files: `Float`, `[Float!]`. */
  readonly type: string
  /** The length of a list. */
  readonly length?: number
  readonly nullable: boolean
  /** The objective's name for it, if different. */
  readonly input?: string
  /** The column of the samples, if there are samples. */
  readonly column?: string
}

/** An input of the graph, and the features that fill its columns, in order. */
export interface ProposedInput {
  readonly tensor: string
  /** The runtime's name of the type. */
  readonly elementType: string
  readonly rank: number
  /** The kind of value that its columns take. */
  readonly kind: SampleKind
  readonly features: readonly ProposedFeature[]
  readonly steps: readonly StepSpec[]
}

/** An output of the version: an output of the graph, or one column of it. */
export interface ProposedOutput {
  readonly name: string
  readonly tensor: string
  /** Index of the column. */
  readonly item?: number
  /** The manifest's step that makes it from the graph's outputs. */
  readonly step: StepSpec
  readonly type: string
  /** A description, as far as the graph tells. */
  readonly description: string
}
