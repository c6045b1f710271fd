import type { z } from 'zod'
import type { Column } from '../../lib/column'
import type { FeatureSpec, StepSpec } from '../contracts/manifest'
import type { Vocabulary } from '../contracts/vocabulary'
import type { NumberArray } from '../types/elementType'
import type { Tensor, TensorType } from '../types/tensor'
import type { ValueType } from '../types/valueType'

/** The types of features that a step takes, and their description for messages. */
export interface FeatureKind {
  readonly words: string
  takes(type: ValueType): boolean
}

/** A demand on a feature beyond its declaration, such as a vocabulary; checked when rows are validated. */
export interface Demand {
  /** The position of the feature. */
  readonly feature: number
  /** What is expected, if the value (normalized or null) does not meet the demand. */
  check(value: unknown): string | undefined
  /** Values that meet the demand, for warm-up batches. Several, since another step may refuse some of them. */
  examples(): readonly unknown[]
}

/** A step that fills neighbouring columns of one `[batch, n]` tensor. */
export interface ColumnStep {
  readonly width: number
  readonly demands: readonly Demand[]
  /** Writes row `r` to `target[r * stride + offset]` and the `width - 1` elements after it, which hold zeros. */
  write(columns: readonly Column[], rows: number, target: NumberArray, stride: number, offset: number): void
}

/** A step that fills one column of a `[batch, n]` tensor of text. */
export interface TextStep {
  readonly demands: readonly Demand[]
  /** Writes row `r` to `target[r * stride + offset]`. */
  write(columns: readonly Column[], rows: number, target: string[], stride: number, offset: number): void
}

/** A step that makes a whole tensor. */
export interface TensorStep {
  readonly demands: readonly Demand[]
  build(columns: readonly Column[], rows: number): Tensor
}

/** The graph input that a step fills. */
export interface TensorTarget<T = TensorType> {
  readonly type: T
  /** 1: `[batch]`, 2: `[batch, n]`. */
  readonly rank: 1 | 2
  /** The second dimension if it is fixed. */
  readonly width: number | undefined
}

/** The context for compiling a step. */
export interface PreprocessContext<T = TensorType> {
  readonly tensor: TensorTarget<T>
  feature(name: string): FeatureSpec
  /** The position of a feature in the columns. */
  position(name: string): number
  vocabulary(name: string): Vocabulary
  /** One value per model and key, so that tensors can share work. */
  shared<T>(key: string, make: () => T): T
  /** Refuses the model: what was expected and what came. */
  fail(message: string): never
}

/** A name of the manifest that a step reads, and the option that holds it. */
export interface NamedRead {
  readonly option: string
  readonly name: string
}

/** What a step reads of the manifest, known from its options alone. */
export interface StepReads {
  readonly features?: readonly (NamedRead & { readonly kind: FeatureKind })[]
  readonly vocabularies?: readonly NamedRead[]
}

interface Definition<O, Context, Step> {
  /** The key that names the step in the manifest. */
  readonly name: string
  /** The shape of the whole map, including the step's own key. */
  readonly options: z.ZodType<O>
  reads(options: O): StepReads
  compile(options: O, context: Context): Step
}

/** A registered step, with the type of its options hidden. */
export type PreprocessStep = {
  readonly name: string
  readonly options: z.ZodType
  reads(spec: StepSpec): StepReads
} & (
  | { readonly fills: 'columns'; compile(spec: StepSpec, context: PreprocessContext): ColumnStep }
  | { readonly fills: 'texts'; compile(spec: StepSpec, context: PreprocessContext<'string'>): TextStep }
  | { readonly fills: 'tensor'; compile(spec: StepSpec, context: PreprocessContext): TensorStep }
)

/** Defines a step that can be combined with others in a list. */
export function columnStep<O>(definition: Definition<O, PreprocessContext, ColumnStep>): PreprocessStep {
  return { fills: 'columns', ...parsing(definition) }
}

/** Defines a step for tensors of text. It may be in a list with others of its kind. */
export function textStep<O>(
  definition: Definition<O, PreprocessContext<'string'>, TextStep>,
): PreprocessStep {
  return { fills: 'texts', ...parsing(definition) }
}

/** Defines a step that makes a whole tensor. */
export function tensorStep<O>(definition: Definition<O, PreprocessContext, TensorStep>): PreprocessStep {
  return { fills: 'tensor', ...parsing(definition) }
}

function parsing<O, Context, Step>({ name, options, reads, compile }: Definition<O, Context, Step>) {
  return {
    name,
    options,
    reads: (spec: StepSpec) => reads(options.parse(spec)),
    compile: (spec: StepSpec, context: Context) => compile(options.parse(spec), context),
  }
}

/** The demand that a feature's value is one that `refuse` accepts; none if it accepts all. */
export function demandOf(
  feature: number,
  refuse: Demand['check'] | undefined,
  examples: Demand['examples'],
): readonly Demand[] {
  return refuse === undefined ? [] : [{ feature, check: refuse, examples }]
}

/** A check that null passes. */
export function unlessNull(refuse: Demand['check'] | undefined): Demand['check'] | undefined {
  return refuse && ((value) => (value === null ? undefined : refuse(value)))
}
