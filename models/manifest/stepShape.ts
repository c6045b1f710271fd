import { z } from 'zod'
import { show } from '../../lib/errors'
import { finishedIssue, keyText, shapeProblems } from '../../lib/files/shapeProblems'
import { invariant } from '../../lib/invariant'
import { isMap } from '../../lib/isMap'
import type { StepSpec } from '../contracts/manifest'

interface NamedStep {
  readonly name: string
  readonly options: z.ZodType
}

/** The registered step that a checked map names. */
export function stepOf<S extends NamedStep>(spec: StepSpec, steps: ReadonlyMap<string, S>): S {
  const step = findStep(spec, steps)
  invariant(step, 'the manifest was checked to name a step')
  return step
}

/** The one that one of its keys names. */
function findStep<S extends NamedStep>(spec: StepSpec, steps: ReadonlyMap<string, S>): S | undefined {
  const named = Object.keys(spec).filter((key) => steps.has(key))
  return named.length === 1 ? steps.get(named[0]) : undefined
}

/** A map that names one of the steps, checked by that step's own shape. Its JSON Schema lists all steps. */
export function stepShape<S extends NamedStep>(steps: ReadonlyMap<string, S>) {
  return z
    .unknown()
    .superRefine((value, context) => checkStep(value, steps, context))
    .meta({ anyOf: stepSchemas(steps) })
}

/** Reports the problems of one step. */
export function checkStep<S extends NamedStep>(
  value: unknown,
  steps: ReadonlyMap<string, S>,
  context: z.RefinementCtx,
  path: readonly PropertyKey[] = [],
): void {
  const step = isMap(value) ? findStep(value, steps) : undefined
  if (step === undefined) {
    const got = isMap(value) ? `{ ${Object.keys(value).map(keyText).join(', ')} }` : show(value)
    context.addIssue(finishedIssue(path, `must have one step of ${[...steps.keys()].join(', ')}, got ${got}`))
    return
  }
  const result = step.options.safeParse(value)
  if (result.success) return
  for (const problem of shapeProblems(result.error.issues, value)) {
    context.addIssue(finishedIssue([...path, ...problem.path], problem.message))
  }
}

/** The JSON Schemas of all steps, without the key that belongs to a whole document. */
export function stepSchemas(steps: ReadonlyMap<string, NamedStep>): z.core.JSONSchema.BaseSchema[] {
  return [...steps.values()].map(({ options }) => {
    const { $schema, ...schema } = z.toJSONSchema(options, { io: 'input' })
    return schema
  })
}
