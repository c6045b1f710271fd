import type { z } from 'zod'
import type { Column } from '../../lib/column'
import type { StepSpec } from '../contracts/manifest'
import type { Demand, NamedRead, PreprocessContext, StepReads } from '../preprocess/step'
import type { ClassLabels, TensorType } from '../types/tensor'
import type { ValueType } from '../types/valueType'

/** One output of the graph. `[batch]` and `[batch, 1]` hold one value per row, `[batch, n]` holds a list. */
export interface GraphOutput<T = TensorType> {
  readonly name: string
  readonly type: T
  readonly list: boolean
  /** The second dimension if it is fixed. */
  readonly width: number | undefined
  /** The class labels of the items, if the graph has them. */
  readonly classes: ClassLabels | undefined
}

export type AnyOutput = GraphOutput | GraphOutput<'string'>

/** For inferring a type. Without the graph's signature, `graph` and outputs that depend on it are undefined. */
export interface TypeContext {
  /** Refuses an output of text. */
  graph(name: string): GraphOutput | undefined
  /** An output of numbers or text. */
  value(name: string): AnyOutput | undefined
  /** The type of an output above. */
  output(name: string): ValueType | undefined
  /** The type of this output in an objective that the model serves. */
  readonly expected: ValueType | undefined
  /** Refuses the model: what was expected and what came. */
  fail(message: string): never
}

/** The context for compiling a step. */
export interface PostprocessContext extends Pick<PreprocessContext, 'position' | 'vocabulary' | 'fail'> {
  graph(name: string): GraphOutput
  value(name: string): AnyOutput
}

/** The numbers or text of one graph output. Row `r` of the answer starts at `starts[r]` of `values`. */
export interface OutputValues<Values> {
  readonly values: Values
  /** Values per row. */
  readonly width: number
  readonly starts: Int32Array
}

/** The numbers of one graph output. A 64-bit one beyond ±(2^53 - 1) is NaN in `values`. */
export interface OutputNumbers extends OutputValues<ArrayLike<number>> {
  /** As the graph gave them, for messages. */
  readonly exact: ArrayLike<number | bigint>
}

/** One batch of answers while its outputs are built. */
export interface OutputBatch {
  readonly rows: number
  numbers(graphOutput: string): OutputNumbers
  texts(graphOutput: string): OutputValues<readonly string[]>
  /** An output above, which is already built. A failed row has null. */
  output(name: string): Column
  /** The features' normalized columns, by position. */
  readonly columns: readonly Column[]
  /** `BAD_OUTPUT` for one row: what was expected of the current output, and what came. */
  fail(row: number, expectation: string, got: unknown): void
}

/** A compiled step: builds one output. A row that fails gets null. */
export interface OutputStep {
  readonly demands?: readonly Demand[]
  build(batch: OutputBatch): Column
}

/** What a step reads of the manifest, known from its options alone. */
export interface OutputReads extends StepReads {
  readonly graph?: readonly string[]
  /** Outputs above. */
  readonly outputs?: readonly NamedRead[]
}

interface Definition<O> {
  /** The key that names the step in the manifest. */
  readonly name: string
  /** The shape of the whole map, including the step's own key. */
  readonly options: z.ZodType<O>
  reads(options: O): OutputReads
  /** The output's type; undefined if only the graph could tell. */
  type(options: O, context: TypeContext): ValueType | undefined
  compile(options: O, context: PostprocessContext): OutputStep
}

/** A registered step, with the type of its options hidden. */
export interface PostprocessStep {
  readonly name: string
  readonly options: z.ZodType
  reads(spec: StepSpec): OutputReads
  type(spec: StepSpec, context: TypeContext): ValueType | undefined
  compile(spec: StepSpec, context: PostprocessContext): OutputStep
}

export function outputStep<O>(definition: Definition<O>): PostprocessStep {
  const { name, options } = definition
  return {
    name,
    options,
    reads: (spec) => definition.reads(options.parse(spec)),
    type: (spec, context) => definition.type(options.parse(spec), context),
    compile: (spec, context) => definition.compile(options.parse(spec), context),
  }
}
