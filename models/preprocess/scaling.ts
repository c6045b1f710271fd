import type { z } from 'zod'
import type { Column } from '../../lib/column'
import { finite } from '../../lib/files/shapes'
import { fitsElement, float32Highest, isFloat, type NumberArray } from '../types/elementType'
import { type ColumnStep, type Demand, demandOf, type PreprocessContext } from './step'

/** Options of every step that turns a value into one number. */
export const scalingShape = {
  fill: finite.optional().describe("Replaces null, in the value's own units; default: NaN"),
  offset: finite.optional().describe('Subtracted from the value; default: 0'),
  scale: finite
    .refine((scale) => scale !== 0, 'must not be 0')
    .optional()
    .describe('Divides the difference; default: 1'),
}

export type ScalingOptions = z.infer<z.ZodObject<typeof scalingShape>>

/** How one value, or each item of a list, becomes a number of the tensor. */
export interface Scaling {
  readonly transform: (value: number) => number
  /** `transform` as two numbers, `(value - offset) / scale`, for loops that avoid a call per value. */
  readonly linear: { readonly offset: number; readonly scale: number } | undefined
  /** The number for null. */
  readonly missing: number
  /** Refuses a present value whose number the tensor cannot hold; undefined if all are accepted. */
  readonly refuse: ((value: number) => string | undefined) | undefined
  /** A value that is not refused. */
  readonly example: number
}

/**
 * `(curve(value) - offset) / scale`, where `curve` must be increasing. Whether numbers can exceed the tensor's type is
 * decided here, from the feature's range, so that most features need no check per row.
 */
export function compileScaling(
  feature: string,
  options: ScalingOptions,
  context: PreprocessContext,
  curve?: { readonly of: (value: number) => number; readonly words: string },
): Scaling {
  const { fill, offset = 0, scale = 1 } = options
  const { type } = context.tensor
  const transform = curve
    ? (value: number) => (curve.of(value) - offset) / scale
    : (value: number) => (value - offset) / scale
  requireWhole(feature, context, transform)
  const missing = fill === undefined ? missingNumber(feature, context) : transform(fill)
  if (fill !== undefined && !fitsElement(type, missing)) {
    context.fail(`fill must become a number that ${type} holds, got ${fill}, which becomes ${missing}`)
  }
  const expectation = curve?.words ?? `must become a number that ${type} holds`
  const fits = (value: number) => fitsElement(type, transform(value))
  const bounds = boundsOf(feature, context)
  return {
    transform,
    linear: curve === undefined ? { offset, scale } : undefined,
    missing,
    example: [0, ...bounds].find((value) => value >= bounds[0] && value <= bounds[1] && fits(value)) ?? 0,
    refuse: bounds.every(fits) ? undefined : (value) => (fits(value) ? undefined : expectation),
  }
}

/** The demand of `scaling` on a feature that is one number. */
function scalingDemands(feature: number, { refuse, example }: Scaling): readonly Demand[] {
  const check = refuse && ((value: unknown) => (value === null ? undefined : refuse(Number(value))))
  return demandOf(feature, check, () => [example])
}

/** An integer tensor would silently cut off fractions, so its feature and options must give whole numbers. */
function requireWhole(
  feature: string,
  context: PreprocessContext,
  transform: (value: number) => number,
): void {
  const { type } = context.tensor
  if (isFloat(type)) return
  const declared = context.feature(feature).type
  const scalar = declared.kind === 'list' ? declared.of : declared
  if (scalar.kind === 'Float')
    context.fail(`must be Int or Boolean to fill ${type}, got Float feature ${feature}`)
  if (![0, 1, 2, 3].every((value) => Number.isInteger(transform(value)))) {
    context.fail(`must yield whole numbers to fill ${type}, got a fraction for feature ${feature}`)
  }
}

function missingNumber(feature: string, context: PreprocessContext): number {
  const { type } = context.tensor
  if (isFloat(type)) return Number.NaN
  if (context.feature(feature).nullable)
    context.fail(`needs fill, since ${type} has no NaN and feature ${feature} may be null`)
  return 0
}

/** The lowest and highest value that the feature accepts. */
function boundsOf(feature: string, context: PreprocessContext): readonly [number, number] {
  const { type, range } = context.feature(feature)
  if (range !== undefined) return range
  const kind = type.kind === 'list' ? type.of.kind : type.kind
  if (kind === 'Boolean') return [0, 1]
  return kind === 'Int'
    ? [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    : [-float32Highest, float32Highest]
}

/** One column with one number per row: the shared part of number, log1p and clip. */
export function numberColumn(
  feature: string,
  options: ScalingOptions,
  context: PreprocessContext,
  curve?: { readonly of: (value: number) => number; readonly words: string },
): ColumnStep {
  const position = context.position(feature)
  const scaling = compileScaling(feature, options, context, curve)
  const { transform, linear, missing } = scaling
  return {
    width: 1,
    demands: scalingDemands(position, scaling),
    write(columns, rows, target, stride, offset) {
      const column: Column = columns[position]
      if (linear !== undefined) {
        writeLinear(column, rows, target, stride, offset, linear.offset, linear.scale, missing)
        return
      }
      for (let row = 0, at = offset; row < rows; row++, at += stride) {
        const value = column[row]
        target[at] = value === null ? missing : transform(Number(value))
      }
    },
  }
}

function writeLinear(
  column: Column,
  rows: number,
  target: NumberArray,
  stride: number,
  start: number,
  offset: number,
  scale: number,
  missing: number,
): void {
  for (let row = 0, at = start; row < rows; row++, at += stride) {
    const value = column[row]
    if (typeof value === 'number') target[at] = (value - offset) / scale
    // Number() turns a Boolean into 0 or 1.
    else target[at] = value === null ? missing : (Number(value) - offset) / scale
  }
}
