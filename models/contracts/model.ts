import type { Column } from '../../lib/column'
import type { PresageError } from '../../lib/errors'
import type { Tensors } from '../types/tensor'
import type { FeatureSpec, Manifest } from './manifest'
import type { OutputSpec } from './objective'

/** By row, the error that keeps it from being predicted, if any. The list is undefined if there are none. */
export type RowErrors = readonly (PresageError | undefined)[]

/**
 * A model version compiled against its graph's signature: features in, tensors out, and back. All functions are
 * synchronous columnar loops; `columns[f][row]` is the value of `features[f]`.
 */
export interface Model {
  readonly key: string
  readonly manifest: Manifest
  /** The order of the columns in the functions below. */
  readonly features: readonly FeatureSpec[]
  /**
   * Positions in `features` of those that preprocessing reads. Rows that are equal in these are the same to the graph.
   */
  readonly identity: readonly number[]
  readonly outputs: readonly OutputSpec[]
  /**
   * By feature, a value that the steps accept, for features whose declaration does not give one (an id that must be in
   * a vocabulary). Only for warm-up rows.
   */
  readonly samples: Readonly<Record<string, unknown>>
  /**
   * Validates raw logical values (missing: undefined): fills defaults, normalizes values (ids as text), and refuses
   * invalid values, including by the demands of steps, as `BAD_FEATURE`. Returns the normalized columns; a raw column
   * itself if it is normalized already. A refused row has null in all of them. If `implied` is true for a feature, its
   * raw column has passed a validator that implies this one (`impliesValidation`).
   */
  validate(
    raw: readonly (Column | undefined)[],
    rows: number,
    implied?: readonly boolean[],
  ): { columns: readonly Column[]; errors: RowErrors | undefined }
  /** Builds the graph's inputs for validated rows; one typed array per tensor. Never called with 0 rows. */
  preprocess(columns: readonly Column[], rows: number): Tensors
  /**
   * Throws `MODEL_OUTPUT_SHAPE` if an output's first dimension is not `rows`, or its type or rank is not the graph's.
   */
  checkOutputs(tensors: Tensors, rows: number): void
  /**
   * Builds the wanted outputs. Row `i` of the result reads row `tensorRow[i]` of the tensors (row `i` if absent) and
   * row `i` of `columns`. A NaN or infinite number, or a label made of one, is `BAD_OUTPUT` for that row alone.
   */
  postprocess(
    tensors: Tensors,
    columns: readonly Column[],
    rows: number,
    wanted: readonly string[],
    tensorRow?: Int32Array,
  ): { outputs: Readonly<Record<string, Column>>; errors: RowErrors | undefined }
}
