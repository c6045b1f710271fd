import type { Column } from '../../lib/column'
import type { PresageError } from '../../lib/errors'
import type { Tensors } from '../types/tensor'
import type { FeatureSpec, Manifest } from './manifest'
import type { OutputSpec } from './objective'

/** One entry per row: the error that keeps this row from being predicted, or undefined. Undefined as a whole: none. */
export type RowErrors = readonly (PresageError | undefined)[]

/**
 * A model version compiled against its graph's signature: features in, tensors out, and back. All functions are
 * synchronous columnar loops; `columns[f][row]` is the value of `features[f]`.
 */
export interface Model {
  readonly key: string
  readonly manifest: Manifest
  /** The order of the columns that the functions below take. */
  readonly features: readonly FeatureSpec[]
  /** Positions in `features` of those that preprocess reads: two rows equal in these are one row to the graph. */
  readonly identity: readonly number[]
  readonly outputs: readonly OutputSpec[]
  /**
   * By feature a value that the steps take, for those whose declaration alone does not tell one (an id that must be in
   * a vocabulary). For rows that only warm up.
   */
  readonly samples: Readonly<Record<string, unknown>>
  /**
   * Validates raw logical values (missing: undefined): fills defaults, brings values to their normalized form (ids as
   * text), and refuses what a row must not hold, steps' own demands included, as `BAD_FEATURE`. Answers the normalized
   * columns, a raw one itself where it is normalized already; a refused row has null in all of them. Where `implied` is
   * true by feature, the raw column has passed a validator that implies this one (`impliesValidation`).
   */
  validate(
    raw: readonly (Column | undefined)[],
    rows: number,
    implied?: readonly boolean[],
  ): { columns: readonly Column[]; errors: RowErrors | undefined }
  /** Builds the graph's inputs for validated rows; one typed array per tensor. Never called with 0 rows. */
  preprocess(columns: readonly Column[], rows: number): Tensors
  /** Throws `MODEL_OUTPUT_SHAPE` if an output's first dimension is not `rows`, or its type or rank is not the graph's. */
  checkOutputs(tensors: Tensors, rows: number): void
  /**
   * Builds the wanted outputs. Answer row `i` reads row `tensorRow[i]` of the tensors (row `i` if absent) and row `i` of `columns`.
   * A NaN or infinite number, or a label made of one, is `BAD_OUTPUT` for that row alone.
   */
  postprocess(
    tensors: Tensors,
    columns: readonly Column[],
    rows: number,
    wanted: readonly string[],
    tensorRow?: Int32Array,
  ): { outputs: Readonly<Record<string, Column>>; errors: RowErrors | undefined }
}
