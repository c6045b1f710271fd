import { z } from 'zod'
import { show } from '../../lib/errors'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { flag, strictShape, text, whole } from '../../lib/files/shapes'
import type { InputSpec, OutputSpec } from '../contracts/objective'
import { parseType, printType, type ReportProblem, typeNames } from '../types/parseType'
import type { ValueType } from '../types/valueType'
import { compileValidator, ValidationError } from '../validation/validator'

const typeKeys = {
  type: z
    .enum(typeNames, { error: `must be ${typeNames.join(', ')}` })
    .describe('A scalar, a list of a scalar such as [ID!], or enum, entity or list with further keys'),
  labels: z
    .array(z.string(), { error: 'must be a list of names' })
    .optional()
    .describe('The values of an enum'),
  of: z
    .unknown()
    .optional()
    .meta({
      description:
        'For an entity: its type in the graph. For a list: the type of its items, or a map from field names to types',
      anyOf: [{ type: 'string' }, { type: 'object' }],
    }),
}

const words = {
  measure: text.optional().describe('What the value measures: stars, percent, months, ...'),
  description: text.optional(),
}

const inputKeys = {
  ...typeKeys,
  nullable: flag.optional().describe('Whether null is allowed; default: false'),
  default: z.unknown().optional().describe('Replaces an absent value, and null unless nullable'),
  range: z
    .tuple([z.number(), z.number()], { error: 'must be [lowest, highest]' })
    .optional()
    .describe('Lowest and highest allowed number, both included; for a list, of each item'),
  maxLength: whole(0)
    .optional()
    .describe('Maximum length: of a list in items (default: 4,096), of text in characters'),
  length: whole(0).optional().describe('The exact number of items of a list'),
  ...words,
  onNull: z
    .enum(['error', 'missing'], { error: 'must be error or missing' })
    .optional()
    .describe('Whether null, which may be a failed upstream, is an error or counts as absent'),
}

type InputSource = z.infer<z.ZodObject<typeof inputKeys>>
type OutputSource = z.infer<z.ZodObject<typeof outputKeys>>

const outputKeys = { ...typeKeys, ...words }

/** `inputs.<name>` of an objective. */
export const inputShape = strictShape(inputKeys).superRefine((source, context) => {
  buildInput('', source, reportTo(context))
})

/** `outputs.<name>` of an objective. */
export const outputShape = strictShape(outputKeys).superRefine((source, context) => {
  parseType(source, reportTo(context))
})

/** `features.<name>` of a model. */
export const featureShape = strictShape({
  ...inputKeys,
  input: text.optional().describe("The objective's name for it, if different"),
}).superRefine((source, context) => {
  buildInput('', source, reportTo(context))
})

/** Turns a checked source into its spec. */
export function toInputSpec(name: string, source: InputSource): InputSpec {
  return buildInput(name, source, (_, message) => {
    throw new Error(`Bug: unchecked input ${name}: ${message}`)
  }) as InputSpec
}

export function toOutputSpec(name: string, source: OutputSource): OutputSpec {
  const type = parseType(source, (_, message) => {
    throw new Error(`Bug: unchecked output ${name}: ${message}`)
  }) as ValueType
  const { description, measure } = source
  return { name, type, ...(description && { description }), ...(measure && { measure }) }
}

function reportTo(context: z.RefinementCtx): ReportProblem {
  return (path, message) => {
    context.addIssue(finishedIssue(path, message))
  }
}

function buildInput(name: string, source: InputSource, report: ReportProblem): InputSpec | undefined {
  const type = parseType(source, report)
  if (type === undefined) return undefined
  const scalar = type.kind === 'list' ? type.of : type
  if (scalar.kind === 'entity' || scalar.kind === 'record' || scalar.kind === 'list') {
    return report(['type'], `must be a scalar, an enum or a list of them, got ${printType(type)}`)
  }
  const { type: _, labels, of, nullable = false, onNull, ...rest } = source
  const hasDefault = Object.hasOwn(rest, 'default')
  const isOptional = nullable || hasDefault
  const spec: InputSpec = {
    name,
    type,
    nullable,
    ...rest,
    onNull: onNull ?? (isOptional ? 'missing' : 'error'),
  }
  checkRange(spec, scalar, report)
  checkLengths(spec, report)
  if (onNull === 'missing' && !isOptional) {
    report(['onNull'], 'must be error without nullable and without default, got missing')
  }
  if (hasDefault) checkDefault(spec, report)
  return spec
}

function checkRange({ type, range }: InputSpec, scalar: ValueType, report: ReportProblem): void {
  if (range === undefined) return
  if (scalar.kind !== 'Int' && scalar.kind !== 'Float') {
    report(['range'], `is allowed only with numbers, got type ${printType(type)}`)
  } else if (range[0] > range[1]) {
    report(['range'], `must be [lowest, highest], got ${show(range)}`)
  } else if (scalar.kind === 'Int' && !range.every(Number.isSafeInteger)) {
    report(['range'], `must hold whole numbers for Int, got ${show(range)}`)
  }
}

function checkLengths({ type, length, maxLength }: InputSpec, report: ReportProblem): void {
  if (length !== undefined && type.kind !== 'list') {
    report(['length'], `is allowed only with lists, got type ${printType(type)}`)
  }
  if (length !== undefined && maxLength !== undefined)
    report(['maxLength'], 'must not be combined with length')
  if (maxLength !== undefined && !['list', 'String', 'ID'].includes(type.kind)) {
    report(['maxLength'], `is allowed only with lists and text, got type ${printType(type)}`)
  }
}

function checkDefault(spec: InputSpec, report: ReportProblem): void {
  if (spec.default === null) {
    if (!spec.nullable) report(['default'], 'must not be null unless nullable, got null')
    return
  }
  const validated = compileValidator(spec).value(spec.default)
  if (validated instanceof ValidationError)
    report(['default'], `${validated.expectation}, got ${validated.got}`)
}
