import type { InputSpec, OutputSpec } from '../../models/contracts/objective'

/** The source of one input of a prediction field, decided when the schema loads. */
export type InputBinding =
  /** An argument of the field, or a path into it through input objects. */
  | { readonly from: 'args'; readonly path: readonly string[] }
  /** A field of the parent, or a path into it. `external`: owned by another subgraph, in `@requires`. */
  | { readonly from: 'parent'; readonly path: readonly string[]; readonly external: boolean }
  | { readonly from: 'context'; readonly key: string }
  | { readonly from: 'default' }
  | { readonly from: 'absent' }

/** How outputs become the field's value. */
export type OutputShape =
  /** Scalar, enum, list of scalars or entity: the output itself. */
  | { readonly kind: 'value'; readonly output: string }
  /** An object type: outputs by field name. */
  | { readonly kind: 'object'; readonly fields: readonly string[] }
  /** A list of an object type: one output that is a list of records, by field name. */
  | { readonly kind: 'records'; readonly output: string; readonly fields: readonly string[] }

/** Answers a field without rules. Without a version, the newest ready one does. */
interface PinnedModel {
  readonly kind: 'model'
  readonly model: string
  readonly version?: string
}

export interface PredictionField {
  readonly subgraph: string
  readonly type: string
  readonly field: string
  /** `Type.field` in the supergraph, where the query's root type is always `Query`. */
  readonly coordinate: string
  readonly target: { readonly kind: 'objective'; readonly objective: string } | PinnedModel
  readonly shard?: string
  /** The objective's unit, `context.KEY` or `input.NAME`: the id by which cells and canaries are drawn. */
  readonly unit?: string
  /** In the order of the objective's inputs (or the model's features). */
  readonly inputs: readonly { readonly spec: InputSpec; readonly binding: InputBinding }[]
  readonly outputs: readonly OutputSpec[]
  readonly shape: OutputShape
}

/** What fields pin, each time that they do: `name@version`, or `name` for the newest ready version. */
export function pinnedBy(fields: readonly PredictionField[]): readonly string[] {
  return fields.flatMap(({ target }) => (target.kind === 'model' ? [pinOf(target)] : []))
}

export function pinOf({ model, version }: PinnedModel): string {
  return version === undefined ? model : `${model}@${version}`
}

/** All prediction fields of a deployment; frozen. */
export interface Plan {
  readonly fields: readonly PredictionField[]
  /** Lines such as `Title.x pins rating-predictor@3, so rules do not apply to it`. */
  readonly report: readonly string[]
}
